package store

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	rows, bytes, rejected, failures prometheus.Counter
	seconds                         prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer, lag func() time.Duration) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		rows:     counter("monitor_store_rows_total", "Results that were appended to the tail."),
		bytes:    counter("monitor_store_bytes_total", "Bytes of results that were appended to the tail."),
		rejected: counter("monitor_store_rejected_rows_total", "Rows that could not be results."),
		failures: counter("monitor_store_fold_failures_total", "Folds that failed; the next tick tries again."),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "monitor_store_fold_seconds",
			Help:    "Time that the fold of one shard took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}),
	}
	behind := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_store_fold_lag_seconds",
		Help: "Age of the oldest result that is not folded yet.",
	}, func() float64 { return lag().Seconds() })
	registry.MustRegister(m.rows, m.bytes, m.rejected, m.failures, m.seconds, behind)
	return m
}
