package kafka

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	events     *prometheus.CounterVec
	retries    *prometheus.CounterVec
	failed     *prometheus.CounterVec
	lost       *prometheus.CounterVec
	rebalances *prometheus.CounterVec
}

// triggerMetrics are the metrics of one Trigger.
type triggerMetrics struct {
	handled, dead, unfinished prometheus.Counter
	retries, lettersFailed    prometheus.Counter
	ticksLost                 prometheus.Counter
	rebalances                prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) metrics {
	make := promauto.With(registry)
	return metrics{
		events: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_kafka_events_total",
			Help: "Events by Trigger and by what became of them: handled, dead_letter, unfinished (they come again).",
		}, []string{"trigger", "result"}),
		retries: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_kafka_retries_total",
			Help: "Tries after the first.",
		}, []string{"trigger"}),
		failed: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_kafka_dead_letters_failed_total",
			Help: "Tries to keep a dead letter that failed.",
		}, []string{"trigger"}),
		lost: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_kafka_ticks_lost_total",
			Help: "Ticks whose function failed in all tries before the next one.",
		}, []string{"trigger"}),
		rebalances: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_kafka_rebalances_total",
			Help: "Times that the Trigger's group has given out its partitions anew.",
		}, []string{"trigger"}),
	}
}

func (m metrics) of(trigger string) triggerMetrics {
	return triggerMetrics{
		handled:       m.events.WithLabelValues(trigger, "handled"),
		dead:          m.events.WithLabelValues(trigger, "dead_letter"),
		unfinished:    m.events.WithLabelValues(trigger, "unfinished"),
		retries:       m.retries.WithLabelValues(trigger),
		lettersFailed: m.failed.WithLabelValues(trigger),
		ticksLost:     m.lost.WithLabelValues(trigger),
		rebalances:    m.rebalances.WithLabelValues(trigger),
	}
}

// senderMetrics are the metrics of a Sender.
type senderMetrics struct {
	sent, failed prometheus.Counter
	waiting      prometheus.Gauge
	took         prometheus.Histogram
	all          []prometheus.Collector
}

func newSenderMetrics() *senderMetrics {
	records := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "monitor_kafka_records_total",
		Help: "Records that were to be sent, by what became of them: acknowledged, failed (they may have arrived).",
	}, []string{"result"})
	m := &senderMetrics{
		sent: records.WithLabelValues("acknowledged"), failed: records.WithLabelValues("failed"),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "monitor_kafka_records_waiting",
			Help: "Records that were handed over and are neither acknowledged nor failed.",
		}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "monitor_kafka_acknowledge_seconds", Help: "Time from handing a record over to its acknowledgement.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 16),
		}),
	}
	m.all = []prometheus.Collector{records, m.waiting, m.took}
	return m
}

// Describe sends what metrics the Sender has: it is a prometheus.Collector.
func (s *Sender) Describe(out chan<- *prometheus.Desc) {
	for _, one := range s.metrics.all {
		one.Describe(out)
	}
}

// Collect sends their values.
func (s *Sender) Collect(out chan<- prometheus.Metric) {
	for _, one := range s.metrics.all {
		one.Collect(out)
	}
}

// errand is what the records of one send wait for.
type errand struct {
	acks    chan error // with room for all
	began   time.Time
	metrics *senderMetrics
}

// errand begins to wait for records.
func (m *senderMetrics) errand(records int) *errand {
	m.waiting.Add(float64(records))
	return &errand{acks: make(chan error, records), began: time.Now(), metrics: m}
}

// drop takes records that were not handed over.
func (e *errand) drop(records int) {
	e.metrics.waiting.Sub(float64(records))
	e.metrics.failed.Add(float64(records))
}

// ended takes what became of a record.
func (e *errand) ended(err error) {
	e.metrics.waiting.Dec()
	if err != nil {
		e.metrics.failed.Inc()
	} else {
		e.metrics.sent.Inc()
		e.metrics.took.Observe(time.Since(e.began).Seconds())
	}
	e.acks <- err
}
