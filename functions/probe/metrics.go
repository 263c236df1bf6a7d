package probe

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// metrics are the probe's own figures.
type metrics struct {
	checks   map[monitor.Outcome]prometheus.Counter
	skipped  prometheus.Counter
	overrun  prometheus.Counter
	dropped  prometheus.Counter
	inFlight prometheus.Gauge
	buffered prometheus.Gauge
	lateness prometheus.Histogram
	seconds  prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) *metrics {
	checks := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "monitor_probe_checks_total", Help: "Checks made, by outcome.",
	}, []string{"outcome"})
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &metrics{
		checks:   map[monitor.Outcome]prometheus.Counter{},
		skipped:  counter("monitor_probe_skipped_total", "Checks that were left out because their time was over."),
		overrun:  counter("monitor_probe_overrun_total", "Checks that were left out because the one before was still running."),
		dropped:  counter("monitor_probe_dropped_rows_total", "Results that were given up because they could not be reported."),
		inFlight: gauge("monitor_probe_checks_in_flight", "Checks that are running."),
		buffered: gauge("monitor_probe_buffered_rows", "Results that wait to be reported."),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_probe_lateness_seconds", Help: "Time from when a check was due to its start.",
			Buckets: []float64{.001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_probe_check_seconds", Help: "Time that a check took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
	}
	for _, outcome := range []monitor.Outcome{monitor.Passed, monitor.OutcomeDegraded, monitor.Failed, monitor.OutcomeUnknown} {
		m.checks[outcome] = checks.WithLabelValues(string(outcome))
	}
	registry.MustRegister(checks, m.skipped, m.overrun, m.dropped, m.inFlight, m.buffered, m.lateness, m.seconds)
	return m
}

// made counts a check that was made.
func (m *metrics) made(row *monitor.Result) {
	m.checks[row.Outcome].Inc()
	m.lateness.Observe(row.Lateness().Seconds())
	m.seconds.Observe(row.Duration().Seconds())
}
