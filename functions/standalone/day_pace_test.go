package standalone_test

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// dayPatience is how long an endpoint has been down when it is checked at every
// second due time; of the interval of the day a third step is none.
const dayPatience = 10 * time.Minute

// believed is what must be believed of an endpoint in the course of the day.
type believed struct {
	health      monitor.Health
	since, last monitor.Instant // last: due time of the newest conclusive check
	open        bool            // an incident
	bad, good   int             // in a row
	first       monitor.Instant // of the bad ones

	ticked  monitor.Instant
	pending []seen // made, and not yet decided on
}

// factor says at which of its due times the endpoint is checked in the slot.
func (b *believed) factor(slot monitor.Instant) int {
	if b.health == monitor.Down && b.good == 0 && slot.Sub(b.since) >= dayPatience {
		return 2
	}
	return 1
}

// learn decides on all that is known at an instant: on a tick at that very one
// only later, for the slots are planned before it is told.
func (b *believed) learn(until monitor.Instant, off spell) {
	for {
		tick := b.ticked.Add(time.Minute)
		switch {
		case len(b.pending) > 0 && b.pending[0].known() < min(tick, until):
			b.result(b.pending[0])
			b.pending = b.pending[1:]
		case tick < until:
			b.ticked = tick
			if !off.holds(tick) {
				b.tick(tick, off.to)
			}
		default:
			return
		}
	}
}

// known returns when the check's result has been decided on.
func (c seen) known() monitor.Instant { return c.start.Add(time.Duration(c.micros) * time.Microsecond) }

// tick looks for silence: since the last result, or since the monitor is back.
func (b *believed) tick(now, back monitor.Instant) {
	heard := b.last
	if now >= back {
		heard = max(heard, back)
	}
	silent := 3 * dayInterval * time.Duration(b.factor(now))
	if b.last != 0 && b.health != monitor.Unknown && now.Sub(heard) >= silent {
		b.health, b.bad, b.good = monitor.Unknown, 0, 0
	}
}

func (b *believed) result(c seen) {
	switch c.outcome {
	case monitor.OutcomeUnknown:
		return
	case monitor.Failed:
		if b.bad == 0 {
			b.first = c.due
		}
		b.bad, b.good = b.bad+1, 0
	default:
		b.bad, b.good = 0, b.good+1
	}
	b.last = c.due
	switch {
	case b.bad == 2:
		if b.health != monitor.Down {
			b.health, b.since, b.open = monitor.Down, b.first, true
		}
	case b.good == 2, b.good == 1 && !b.open:
		b.health, b.open = monitor.Up, false
	}
}

// played is the day of one endpoint.
type played struct {
	checks  []seen
	planned map[monitor.Instant]int // by slot: how many checks are due
}

// play goes through the slots of the day as they are planned, by what is known
// by then, and makes the checks. While the monitor is off there are none; those
// that were due in the slot in which it comes back are made late, within a second.
func (d *day) play(endpoint string) *played {
	if known := d.played[endpoint]; known != nil {
		return known
	}
	p := &played{planned: map[monitor.Instant]int{}}
	b := &believed{health: monitor.Up, ticked: d.begin.Floor(time.Minute)}
	for slot := d.begin; slot < d.end; slot = slot.Add(daySlot) {
		b.learn(d.plannedAt(slot), d.off)
		factor := b.factor(slot)
		due := monitor.DueAt(endpoint, dayInterval, factor, slot, slot.Add(daySlot))
		p.planned[slot] = due.Count
		for n := range due.Count {
			if c, made := d.check(endpoint, due.At(n)); made {
				if c.outcome != monitor.OutcomeUnknown {
					c.spared = factor - 1
				}
				p.checks, b.pending = append(p.checks, c), append(b.pending, c)
			}
		}
	}
	d.played[endpoint] = p
	return p
}

// plannedAt returns when the slot is planned: one ahead, but those of the time in
// which the monitor is off, and the first two after it, when it comes back.
func (d *day) plannedAt(slot monitor.Instant) monitor.Instant {
	if slot > slotOf(d.off.from).Add(daySlot) && slot <= slotOf(d.off.to).Add(daySlot) {
		return d.off.to
	}
	return slot.Add(-daySlot)
}
