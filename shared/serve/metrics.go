package serve

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	results  *prometheus.CounterVec
	inFlight prometheus.Gauge
	seconds  prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) metrics {
	make := promauto.With(registry)
	return metrics{
		results: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_serve_events_total",
			Help: "Events by what became of them: handled, busy, or the code of the error.",
		}, []string{"result"}),
		inFlight: make.NewGauge(prometheus.GaugeOpts{
			Name: "monitor_serve_events_in_flight",
			Help: "Events that are being handled.",
		}),
		seconds: make.NewHistogram(prometheus.HistogramOpts{
			Name:    "monitor_serve_handler_seconds",
			Help:    "How long one event took.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 11),
		}),
	}
}
