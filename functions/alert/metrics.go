package alert

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	transitions *prometheus.CounterVec
	conflicts   prometheus.Counter
	ignored     prometheus.Counter
	rewound     prometheus.Counter
	givenUp     prometheus.Counter
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
		rewound: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "monitor_alert_rewound_marks_total",
			Help: "Marks of what was decided on that lay in the future and were moved back to now: the clock was set back.",
		}),
		givenUp: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "monitor_alert_given_up_changes_total",
			Help: "Changes of incidents that nobody was told of, since no notice of them could be kept.",
		}),
	}
	registry.MustRegister(m.transitions, m.conflicts, m.ignored, m.rewound, m.givenUp)
	return m
}
