package bus

import (
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// holdsTick tells whether a tick waits that stands for the event.
func (q *queue) holdsTick(e events.Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waitingTick(e) != nil
}

// waitingTick returns the tick of the same shard and source that waits in the
// queue, if the event is a tick: it asks for the same. It keeps its place, so
// that what came before it stays before it.
func (q *queue) waitingTick(e events.Event) *delivery {
	busy := q.lanes[e.Key()]
	if busy == nil || e.Type() != events.TypeShardTick {
		return nil
	}
	for _, d := range busy.items {
		if !d.started && d.event.Type() == e.Type() && d.event.Source() == e.Source() {
			return d
		}
	}
	return nil
}

// ticket is a delivery that an emitter waits for.
type ticket struct {
	queue    *queue
	delivery *delivery
}

// takeBack ends the wait of an emitter that has given up. An event for which
// nobody waits any more, and that is not in flight, leaves the queue.
func (t ticket) takeBack(ack chan<- error) {
	q, d := t.queue, t.delivery
	q.mu.Lock()
	defer q.mu.Unlock()
	if d.started || len(d.acks) == 0 {
		return
	}
	d.acks = slices.DeleteFunc(d.acks, func(waiting chan<- error) bool { return waiting == ack })
	if len(d.acks) > 0 {
		return
	}
	q.pending.Remove(d.place)
	from := q.lanes[d.key]
	from.items = slices.DeleteFunc(from.items, func(item *delivery) bool { return item == d })
	if len(from.items) == 0 {
		delete(q.lanes, d.key)
		q.ready = slices.DeleteFunc(q.ready, func(idle *lane) bool { return idle == from })
	}
	q.leave(d)
}
