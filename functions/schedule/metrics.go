package schedule

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// metrics are the scheduler's own figures.
type metrics struct {
	slots         prometheus.Counter
	checks        prometheus.Counter
	skippedSlots  prometheus.Counter
	skippedChecks prometheus.Counter
	endpoints     prometheus.Gauge
	invalid       prometheus.Gauge
	requests      prometheus.Gauge
	slowed        prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &metrics{
		slots:         counter("monitor_schedule_slots_total", "Slots handed out by this process."),
		checks:        counter("monitor_schedule_checks_total", "Checks handed out by this process."),
		skippedSlots:  counter("monitor_schedule_skipped_slots_total", "Slots that went by without being handed out."),
		skippedChecks: counter("monitor_schedule_skipped_checks_total", "Checks that were lost because their slot was planned too late or not at all."),
		endpoints:     gauge("monitor_schedule_endpoints", "Endpoints that are checked."),
		invalid:       gauge("monitor_schedule_invalid_endpoints", "Endpoints that cannot be checked because no batch holds them."),
		requests:      gauge("monitor_schedule_requests_in_flight", "Requests to probe that the last slot keeps in flight at one location, at most; 40 is the ceiling."),
		slowed:        gauge("monitor_schedule_slowed_endpoints", "Endpoints that are checked less often in the last slot because they have been down for long."),
	}
	registry.MustRegister(m.slots, m.checks, m.skippedSlots, m.skippedChecks, m.endpoints, m.invalid, m.requests, m.slowed)
	return m
}

func (m *metrics) handedOut(out handout, plan monitor.Plan, largest time.Duration) {
	m.slots.Inc()
	m.checks.Add(float64(out.checks))
	m.skippedChecks.Add(float64(out.lost))
	m.slowed.Set(float64(out.slowed))
	m.requests.Set(m.load(out, plan, largest))
}

// load returns how many requests of one location are in flight with slots like
// this one.
func (*metrics) load(out handout, plan monitor.Plan, largest time.Duration) float64 {
	return float64(out.requests) * float64(2*plan.Slot+largest) / float64(plan.Slot)
}
