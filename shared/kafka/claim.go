package kafka

import (
	"context"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// grace is what handlers get to notice that their context has ended.
const grace = time.Second

// session is a trigger as sarama sees it while it is a member of its group.
type session trigger

var _ sarama.ConsumerGroupHandler = (*session)(nil)

// Setup is called when partitions were assigned.
func (s *session) Setup(sarama.ConsumerGroupSession) error {
	s.sessions.Add(1)
	s.metrics.rebalances.Inc()
	s.membership.enter()
	return nil
}

// Cleanup is called when all claims have returned.
func (s *session) Cleanup(joined sarama.ConsumerGroupSession) error {
	s.membership.leave()
	joined.Commit()
	return nil
}

// ConsumeClaim handles the events of one partition until the group takes it away.
func (s *session) ConsumeClaim(joined sarama.ConsumerGroupSession, partition sarama.ConsumerGroupClaim) error {
	c := newClaim((*trigger)(s), joined, partition)
	c.trigger.membership.hold(c)
	defer c.trigger.membership.release(c)
	defer c.end()
	c.consume(partition.Messages())
	return nil
}

// claim is one partition while it is ours.
type claim struct {
	trigger   *trigger
	partition int32
	highest   func() int64    // end of the partition, as far as it was fetched
	held      context.Context // ends when the partition is taken away
	letGo     context.CancelFunc
	work      context.Context // ends when handlers must
	stop      context.CancelFunc
	room      chan struct{}
	window    *window
}

func newClaim(t *trigger, joined sarama.ConsumerGroupSession, partition sarama.ConsumerGroupClaim) *claim {
	c := &claim{trigger: t, partition: partition.Partition(), highest: partition.HighWaterMarkOffset, room: t.room}
	c.held, c.letGo = context.WithCancel(joined.Context())
	c.work, c.stop = context.WithCancel(context.Background())
	if t.Ordered {
		c.room = make(chan struct{}, 1)
	}
	c.window = newWindow(partition.InitialOffset(), func(next int64) {
		joined.MarkOffset(partition.Topic(), partition.Partition(), next, "")
	})
	return c
}

// consume begins to handle records in order, as there is room for them, until the
// partition is taken away. What the Trigger does not want is passed over.
func (c *claim) consume(records <-chan *sarama.ConsumerMessage) {
	waits := &shelf{}
	for c.held.Err() == nil {
		more, room := records, c.room
		next := waits.next(c.pass)
		if next == nil {
			room = nil
		}
		if waits.full {
			more = nil
		}
		select {
		case record, ok := <-more:
			if !ok {
				return
			}
			waits.put(record)
		case room <- struct{}{}:
			waits.drop()
			c.begin(next)
		case <-c.held.Done():
		}
	}
}

// pass passes over what the Trigger does not want, and tells whether it did.
func (c *claim) pass(a *arrival) bool {
	wanted := c.trigger.keeper
	if a.fault == nil {
		wanted = c.trigger.Matches(a.event)
	}
	if !wanted {
		c.window.pass(a.record.Offset, a.record.Timestamp)
	}
	return !wanted
}

// begin handles what there is room for.
func (c *claim) begin(a *arrival) {
	c.window.open(a.record.Offset, a.record.Timestamp)
	working := &c.trigger.consumer.working
	working.Add(1)
	go func() {
		defer func() { <-c.room }()
		finished := c.handle(a.record, a.event, a.fault)
		working.Add(-1)
		c.window.done(a.record.Offset, finished)
	}()
}

func (c *claim) handle(record *sarama.ConsumerMessage, e events.Event, fault error) bool {
	d := delivery{trigger: c.trigger, held: c.held, work: c.work, record: record, event: e}
	if fault != nil {
		return d.bury(failureOf(d.destination(), fault), 1)
	}
	return d.run()
}

// end waits for what is in hand: ordered events may be finished within the time
// to drain, all others are asked to stop at once.
func (c *claim) end() {
	defer c.stop()
	c.letGo()
	drain := c.trigger.consumer.options.Drain
	if !c.trigger.Ordered {
		c.stop()
	}
	if c.window.idle(drain) {
		return
	}
	c.stop()
	c.window.idle(grace) // who is at work for longer is left behind
}
