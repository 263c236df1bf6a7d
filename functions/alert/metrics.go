package alert

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	transitions *prometheus.CounterVec
	conflicts   prometheus.Counter
	ignored     prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_alert_transitions_total",
			Help: "Changes of health that were decided, by the new health.",
		}, []string{"to"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "monitor_alert_conflicts_total",
			Help: "Decisions that were made anew because another process wrote first.",
		}),
		ignored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "monitor_alert_ignored_results_total",
			Help: "Results of endpoints that are not watched.",
		}),
	}
	registry.MustRegister(m.transitions, m.conflicts, m.ignored)
	return m
}
