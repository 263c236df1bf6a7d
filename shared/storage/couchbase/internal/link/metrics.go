package link

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// kind is what an operation does, as its metrics name it.
type kind int

const (
	get kind = iota
	swap
	remove
	query
)

var kinds = []string{get: "get", swap: "swap", remove: "remove", query: "query"}

type metrics struct {
	seconds   []prometheus.Observer // by kind
	retries   prometheus.Counter
	conflicts prometheus.Counter
	ambiguous prometheus.Counter
	refused   prometheus.Counter
	all       *prometheus.Registry // as one collector
}

func newMetrics(inFlight func() float64) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "monitor_storage_couchbase_seconds", Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9), // 0.1 ms to 6.5 s
		Help: "Time from the request for an operation until it ended, waits and further tries included; many at once count as one.",
	}, []string{"operation"})
	m := &metrics{
		all:       prometheus.NewRegistry(),
		retries:   counter("monitor_storage_couchbase_retries_total", "Operations that were sent again because the cluster asked for it or did not answer."),
		conflicts: counter("monitor_storage_couchbase_conflicts_total", "Writes that met a document that had changed."),
		ambiguous: counter("monitor_storage_couchbase_ambiguous_total", "Writes whose answer was lost, so that the document was read back."),
		refused:   counter("monitor_storage_couchbase_refused_total", "Operations that ended without being done, conflicts apart."),
	}
	for _, name := range kinds {
		m.seconds = append(m.seconds, seconds.WithLabelValues(name))
	}
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_storage_couchbase_in_flight",
		Help: "Operations on documents that are under way.",
	}, inFlight)
	m.all.MustRegister(seconds, m.retries, m.conflicts, m.ambiguous, m.refused, gauge)
	return m
}

func (m *metrics) observe(what kind, start time.Time) {
	m.seconds[what].Observe(time.Since(start).Seconds())
}
