package standalone_test

import (
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// seen is what must be stored of one check.
type seen struct {
	due, start monitor.Instant
	outcome    monitor.Outcome
	fault      monitor.Fault
	status     int
	micros     int64
	spared     int
}

// figures are what must be stored of a span of time.
type figures struct {
	start                          monitor.Instant
	passed, degraded, failed, lost int
	late, spared                   int
	micros, low, high              int64
	latencies                      []int64 // of passed and degraded checks, the shortest first
}

// told is what must be stored of an incident.
type told struct {
	Endpoint       string
	Started, Ended monitor.Instant
	Fault          monitor.Fault
}

// slotOf returns when the slot of the instant begins.
func slotOf(at monitor.Instant) monitor.Instant { return at.Floor(daySlot) }

// due counts the due times of all endpoints in a slot.
func (d *day) due(slot monitor.Instant) int {
	count := 0
	for i := range d.endpoints {
		count += d.play(d.endpoints[i].Key()).planned[slot]
	}
	return count
}

// checks returns all checks of an endpoint that are made on the day.
func (d *day) checks(endpoint string) []seen { return d.play(endpoint).checks }

// check returns what must be stored of a check, and whether it is made.
func (d *day) check(endpoint string, due monitor.Instant) (c seen, made bool) {
	c = seen{due: due, start: due}
	switch {
	case c.due <= d.off.from || c.due >= d.off.to:
	case c.due >= slotOf(d.off.to):
		c.start = min(d.resumed[endpoint], d.off.to.Add(time.Second))
	default:
		return c, false
	}
	answer := d.answer(endpoint, c.start)
	c.fault, c.status, c.micros = answer.Fault, answer.Status, answer.Took.Microseconds()
	switch {
	case answer.Fault == monitor.FaultObserver:
		c.outcome = monitor.OutcomeUnknown
	case answer.Fault != monitor.FaultNone:
		c.outcome = monitor.Failed
	case answer.Status != 200:
		c.outcome, c.fault = monitor.Failed, monitor.FaultExpectation
	case answer.Took > daySlow:
		c.outcome = monitor.OutcomeDegraded
	default:
		c.outcome = monitor.Passed
	}
	return c, true
}

// sums adds the checks up by spans of the given width.
func sums(checks []seen, width time.Duration) []figures {
	var out []figures
	for _, c := range checks {
		start := c.due.Floor(width)
		if len(out) == 0 || out[len(out)-1].start != start {
			out = append(out, figures{start: start})
		}
		f := &out[len(out)-1]
		if c.start-c.due >= 50 {
			f.late++
		}
		f.spared += c.spared
		switch c.outcome {
		case monitor.Passed:
			f.passed++
		case monitor.OutcomeDegraded:
			f.degraded++
		case monitor.Failed:
			f.failed++
			continue
		default:
			f.lost++
			continue
		}
		f.micros += c.micros
		f.latencies = append(f.latencies, c.micros)
	}
	for i := range out {
		f := &out[i]
		slices.Sort(f.latencies)
		if len(f.latencies) > 0 {
			f.low, f.high = f.latencies[0], f.latencies[len(f.latencies)-1]
		}
	}
	return out
}

// uptime returns good / (good + failed + spared).
func (f *figures) uptime() float64 {
	good := float64(f.passed + f.degraded)
	return good / (good + float64(f.failed+f.spared))
}

// quantile returns the latency with the nearest rank in percent.
func (f *figures) quantile(percent int) int64 {
	return f.latencies[max((len(f.latencies)*percent+99)/100, 1)-1]
}

// outages reads the incidents from the checks: two failing ones in a row open
// one at the first of them, two good ones end it at the first of them.
func outages(endpoint string, checks []seen) []told {
	var out []told
	open := false
	var bad, good []seen
	for _, c := range checks {
		switch c.outcome {
		case monitor.OutcomeUnknown:
			continue
		case monitor.Failed:
			bad, good = append(bad, c), nil
		default:
			bad, good = nil, append(good, c)
		}
		switch {
		case !open && len(bad) == 2:
			open = true
			out = append(out, told{Endpoint: endpoint, Started: bad[0].due, Fault: bad[0].fault})
		case open && len(good) == 2:
			open = false
			out[len(out)-1].Ended = good[0].due
		}
	}
	return out
}
