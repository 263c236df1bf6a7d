package kafka

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	events  *prometheus.CounterVec
	retries *prometheus.CounterVec
	failed  *prometheus.CounterVec
	lost    *prometheus.CounterVec
}

// triggerMetrics are the metrics of one Trigger.
type triggerMetrics struct {
	handled, dead, unfinished prometheus.Counter
	retries, lettersFailed    prometheus.Counter
	ticksLost                 prometheus.Counter
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
	}
}
