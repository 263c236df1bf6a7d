package bus

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	registry prometheus.Registerer
	events   *prometheus.CounterVec
	retries  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	missed   prometheus.Counter
}

// triggerMetrics are the metrics of one Trigger.
type triggerMetrics struct {
	handled, dead, returned, lost, unfinished prometheus.Counter
	retries                                   prometheus.Counter
	seconds                                   prometheus.Observer
}

func newMetrics(registry prometheus.Registerer) metrics {
	make := promauto.With(registry)
	return metrics{
		registry: registry,
		events: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_bus_events_total",
			Help: "Events by Trigger and by what became of them: handled, dead_letter, returned (to their emitter), lost, unfinished.",
		}, []string{"trigger", "result"}),
		retries: make.NewCounterVec(prometheus.CounterOpts{
			Name: "monitor_bus_retries_total",
			Help: "Tries after the first.",
		}, []string{"trigger"}),
		seconds: make.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "monitor_bus_handler_seconds",
			Help:    "How long one try to deliver an event took.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 11),
		}, []string{"trigger"}),
		missed: make.NewCounter(prometheus.CounterOpts{
			Name: "monitor_bus_ticks_lost_total",
			Help: "Ticks that could not be emitted.",
		}),
	}
}

func (m metrics) of(trigger string) triggerMetrics {
	return triggerMetrics{
		handled:    m.events.WithLabelValues(trigger, "handled"),
		dead:       m.events.WithLabelValues(trigger, "dead_letter"),
		returned:   m.events.WithLabelValues(trigger, "returned"),
		lost:       m.events.WithLabelValues(trigger, "lost"),
		unfinished: m.events.WithLabelValues(trigger, "unfinished"),
		retries:    m.retries.WithLabelValues(trigger),
		seconds:    m.seconds.WithLabelValues(trigger),
	}
}

// watch publishes the depth and the age of a queue.
func (m metrics) watch(q *queue) {
	labels := prometheus.Labels{"trigger": q.trigger.Name}
	make := promauto.With(m.registry)
	make.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_bus_queue_events", ConstLabels: labels,
		Help: "Events that are queued or in flight.",
	}, func() float64 {
		count, _ := q.depth()
		return float64(count)
	})
	make.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "monitor_bus_oldest_unacknowledged_seconds", ConstLabels: labels,
		Help: "Age of the oldest event that is not acknowledged.",
	}, func() float64 {
		count, since := q.depth()
		if count == 0 {
			return 0
		}
		return q.bus.options.Clock().Sub(since).Seconds()
	})
}
