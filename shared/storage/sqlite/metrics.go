package sqlite

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	append  prometheus.Histogram
	commit  prometheus.Histogram
	expired prometheus.Counter
	evicted prometheus.Counter
	all     *prometheus.Registry // as one collector
}

func newMetrics(s *Store) *metrics {
	seconds := prometheus.ExponentialBuckets(0.0001, 4, 9) // 0.1 ms to 6.5 s
	m := &metrics{
		all: prometheus.NewRegistry(),
		append: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_storage_append_seconds", Buckets: seconds,
			Help: "Time from the request to append to the tail until it is kept.",
		}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_storage_commit_seconds", Buckets: seconds,
			Help: "Time of one transaction, which may hold several writes.",
		}),
	}
	removed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "monitor_storage_removed_windows_total",
		Help: "Windows of results that were removed, by the reason: age, or disk where they went before their time.",
	}, []string{"reason"})
	m.expired, m.evicted = removed.WithLabelValues("age"), removed.WithLabelValues("disk")
	size := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_storage_size_bytes",
		Help: "Size of the database without its free pages and its log.",
	}, func() float64 {
		used, err := s.Size(context.Background())
		if err != nil {
			return 0
		}
		return float64(used)
	})
	queue := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_storage_queue_length",
		Help: "Writes that wait for their transaction.",
	}, func() float64 { return float64(len(s.write.jobs)) })
	m.all.MustRegister(m.append, m.commit, removed, size, queue)
	return m
}
