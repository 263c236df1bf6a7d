package notify

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

type metrics struct {
	pending  prometheus.Gauge
	sent     prometheus.Counter
	failed   prometheus.Counter
	givenUp  prometheus.Counter
	repeated prometheus.Counter
	delay    prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := metrics{
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "monitor_notices_pending", Help: "Notices that are still to be delivered.",
		}),
		sent:     counter("monitor_notices_sent_total", "Notices that a provider accepted."),
		failed:   counter("monitor_notices_failed_total", "Attempts to send a notice that failed."),
		givenUp:  counter("monitor_notices_given_up_total", "Notices that will not be delivered."),
		repeated: counter("monitor_notices_repeated_total", "Notices sent again because the outcome of an attempt was lost: possible repeats."),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_notices_delay_seconds", Help: "Time from the decision to the provider's acceptance.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 300, 3600, 86400},
		}),
	}
	registry.MustRegister(m.pending, m.sent, m.failed, m.givenUp, m.repeated, m.delay)
	return m
}

func (m metrics) accepted(decided, now monitor.Instant) {
	m.sent.Inc()
	m.delay.Observe(max(now.Sub(decided), 0*time.Second).Seconds())
}
