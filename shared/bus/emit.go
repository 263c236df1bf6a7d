package bus

import (
	"context"
	"hash/maphash"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxHops is how many functions an event's ancestors may have passed. The
// topology has no loops; this holds even where a function emits what it should
// not.
const maxHops = 16

// Emit hands events to the bus, in order for each key. It returns nil once
// every ordered Trigger has acknowledged them and every other one has queued
// them. Invalid: an event is no CloudEvent. Unavailable: ctx ended first, the
// bus stops, a function of Options.Return takes nothing for now, or a dead
// letter could not be kept; the same events may be emitted again.
func (b *Bus) Emit(ctx context.Context, out ...events.Event) error {
	return b.counted(ctx, b.work.enter(), out)
}

func (b *Bus) counted(ctx context.Context, entered bool, out []events.Event) error {
	if !entered {
		return monitor.Errorf(monitor.Unavailable, "the bus is stopping")
	}
	defer b.work.done()
	return b.publish(ctx, 0, out)
}

func (b *Bus) publish(ctx context.Context, hops int, out []events.Event) error {
	if hops > maxHops {
		return monitor.Errorf(monitor.Invalid, "events go round: %d functions in a row have emitted", hops)
	}
	for i := range out {
		if err := out[i].Validate(); err != nil {
			return monitor.Wrap(monitor.Invalid, err, "the event is no valid CloudEvent")
		}
	}
	acks := make(chan error, len(out)*len(b.queues))
	var waiting []ticket
	var failed error
	for _, e := range out {
		tickets, err := b.route(ctx, e, hops, acks)
		waiting = append(waiting, tickets...)
		if err != nil {
			failed = err
			break
		}
	}
	for range waiting {
		select {
		case err := <-acks:
			if failed == nil {
				failed = err
			}
		case <-ctx.Done():
			for _, t := range waiting {
				t.takeBack(acks)
			}
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the event was not acknowledged in time")
		}
	}
	return failed
}

// taker is a queue that is about to get an event, with room for it or without.
type taker struct {
	*queue
	room bool
}

// route queues the event wherever it must go, and returns what will be
// acknowledged. Room is taken in every queue first, upstream first, so that
// nobody holds the key while waiting and no two can wait for one another.
func (b *Bus) route(ctx context.Context, e events.Event, hops int, acks chan<- error) ([]ticket, error) {
	var takers []taker
	for _, q := range b.queues {
		if !q.trigger.Matches(e) {
			continue
		}
		room, err := q.reserve(ctx, e)
		if err != nil {
			for _, taken := range takers {
				if taken.room {
					taken.release()
				}
			}
			return nil, err
		}
		takers = append(takers, taker{q, room})
	}
	var waiting []ticket
	key := e.Key()
	if key != "" {
		section := &b.keys[maphash.String(b.seed, key)%uint64(len(b.keys))]
		section.Lock()
		defer section.Unlock()
	}
	for _, q := range takers {
		d := &delivery{event: e, key: key, hops: hops, queued: b.options.Clock(), roomless: !q.room}
		if q.trigger.Ordered {
			d.acks = []chan<- error{acks}
		}
		b.work.add()
		standing := q.push(d)
		if q.trigger.Ordered {
			waiting = append(waiting, ticket{q.queue, standing})
		}
	}
	b.ring.append(e)
	return waiting, nil
}
