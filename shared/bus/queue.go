package bus

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// The most deliveries in flight per Trigger. 50 is what one consumer of the
// Kafka broker has (max.poll.records).
const (
	unorderedInFlight = 50
	orderedInFlight   = 64
)

// delivery is one event on its way through one Trigger.
type delivery struct {
	event  events.Event
	key    string
	hops   int
	queued time.Time
	acks   []chan<- error // of those who wait for it; each takes one value
	place  *list.Element

	started  bool // a worker has it, or had it
	roomless bool // it has no room of its own
}

// lane is what must be delivered one after another: the events of a key, or a
// single event.
type lane struct {
	key   string
	items []*delivery // the first one is in flight while a worker has the lane
}

// queue is one Trigger at work. Workers start when there is something to do
// and end when there is not.
type queue struct {
	bus     *Bus
	trigger topology.Trigger
	metrics triggerMetrics
	ctx     context.Context // ends when its work must stop
	stop    context.CancelFunc
	room    chan struct{}
	returns bool // it is one of Options.Return
	away    *telemetry.Outage[*delivery]

	mu         sync.Mutex
	subscriber subscriber
	lanes      map[string]*lane
	ready      []*lane
	workers    int
	pending    *list.List // of deliveries, oldest first
}

func newQueue(b *Bus, trigger topology.Trigger, m triggerMetrics) *queue {
	ctx, stop := context.WithCancel(context.Background())
	return &queue{
		bus: b, trigger: trigger, metrics: m, ctx: ctx, stop: stop,
		room: make(chan struct{}, b.options.Queue), lanes: map[string]*lane{}, pending: list.New(),
		returns: trigger.Ordered && slices.Contains(b.options.Return, trigger.Subscriber.Name),
		away:    new(telemetry.Outage[*delivery]),
	}
}

func (q *queue) subscribe(to subscriber) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.subscriber != nil {
		return false
	}
	q.subscriber = to
	return true
}

func (q *queue) subscribed() subscriber {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.subscriber
}

// reserve waits for room in the queue. It returns false, and takes none, where
// the queue is full but holds a tick that will stand for the event.
func (q *queue) reserve(ctx context.Context, e events.Event) (bool, error) {
	if q.subscribed() == nil {
		return false, monitor.Errorf(monitor.Unavailable, "the function %q is not there yet", q.trigger.Subscriber.Name)
	}
	select {
	case q.room <- struct{}{}:
		return true, nil
	default:
	}
	if q.holdsTick(e) {
		return false, nil
	}
	select {
	case q.room <- struct{}{}:
		return true, nil
	case <-q.ctx.Done():
		return false, monitor.Errorf(monitor.Unavailable, "the bus is stopping")
	case <-ctx.Done():
		return false, monitor.Wrap(monitor.Unavailable, ctx.Err(), "the queue of Trigger %s is full", q.trigger.Name)
	}
}

func (q *queue) release() { <-q.room }

// push queues a delivery, and returns the one that will stand for it: the same,
// or a tick that waits already.
func (q *queue) push(d *delivery) *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	if tick := q.waitingTick(d.event); tick != nil {
		tick.acks = append(tick.acks, d.acks...)
		q.leave(d)
		return tick
	}
	d.place = q.pending.PushBack(d)
	if q.trigger.Ordered {
		if busy, ok := q.lanes[d.key]; ok {
			busy.items = append(busy.items, d)
			return d
		}
	}
	fresh := &lane{key: d.key, items: []*delivery{d}}
	if q.trigger.Ordered {
		q.lanes[d.key] = fresh
	}
	if q.workers < q.limit() {
		q.workers++
		d.started = true
		go q.work(fresh, d)
		return d
	}
	q.ready = append(q.ready, fresh)
	return d
}

func (q *queue) limit() int {
	if q.trigger.Ordered {
		return orderedInFlight
	}
	return unorderedInFlight
}

// work delivers the first event of a lane, then that of the next lane that is
// ready, until there is none.
func (q *queue) work(mine *lane, d *delivery) {
	for mine != nil {
		err := q.handle(d)
		done := d
		mine, d = q.next(mine, done)
		for _, ack := range done.acks {
			ack <- err
		}
		q.leave(done)
	}
}

// next takes a delivery that is done off its lane and returns the lane to go
// on with, the one that has been ready for longest, and its first delivery.
func (q *queue) next(mine *lane, done *delivery) (*lane, *delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending.Remove(done.place)
	mine.items[0] = nil
	mine.items = mine.items[1:]
	if len(mine.items) > 0 {
		q.ready = append(q.ready, mine)
	} else if q.trigger.Ordered {
		delete(q.lanes, mine.key)
	}
	if len(q.ready) == 0 {
		q.workers--
		return nil, nil
	}
	first := q.ready[0]
	q.ready[0] = nil
	q.ready = q.ready[1:]
	first.items[0].started = true
	return first, first.items[0]
}

// leave counts a delivery out.
func (q *queue) leave(d *delivery) {
	if !d.roomless {
		q.release()
	}
	q.bus.work.done()
}

// depth returns how many events are not acknowledged, and since when the oldest.
func (q *queue) depth() (int, time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pending.Len() == 0 {
		return 0, time.Time{}
	}
	oldest, _ := q.pending.Front().Value.(*delivery)
	return q.pending.Len(), oldest.queued
}
