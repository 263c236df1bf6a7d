package kafka

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// unorderedInHand is how many events of an unordered Trigger are in hand at
// once: what one consumer of the Knative broker has (max.poll.records).
const unorderedInHand = 50

// How long to wait before brokers that were lost are looked for again.
const (
	rebuildMin = 100 * time.Millisecond
	rebuildMax = 5 * time.Second
)

// trigger is one Trigger at work: a consumer group.
type trigger struct {
	topology.Trigger

	consumer *Consumer
	handler  events.Handler
	subject  subject
	letters  string        // the topic of its dead letters
	keeper   bool          // it keeps what is no event
	holds    bool          // what its function is unavailable for waits
	room     chan struct{} // of an unordered one: holds a value for each event in hand
	sessions atomic.Int64
	metrics  triggerMetrics

	membership membership
}

// follow consumes until ctx ends. A client that is good for nothing is thrown
// away, and a new one made.
func (t *trigger) follow(ctx context.Context) {
	for t.await(ctx) {
		err := t.consume(ctx)
		if ctx.Err() != nil {
			return
		}
		t.membership.broken(err)
		t.consumer.options.Log.Warn("Kafka could not be consumed, connecting anew", telemetry.KeyTrigger, t.Name, telemetry.KeyError, err)
		if errors.Is(err, sarama.ErrFencedInstancedId) {
			t.awaitName(ctx)
		}
		pause(ctx, rebuildMin)
	}
}

// await waits until the brokers would let the group consume, and reports whether
// ctx let it. What keeps them from it is logged once.
func (t *trigger) await(ctx context.Context) bool {
	said := ""
	for wait := rebuildMin; ctx.Err() == nil; wait = min(2*wait, rebuildMax) {
		err := inspect(ctx, t.subject, toRead())
		if err != nil || said != "" {
			t.membership.broken(err)
		}
		if err == nil {
			return true
		}
		if err.Error() != said && ctx.Err() == nil {
			said = err.Error()
			t.consumer.options.Log.Warn("Kafka cannot be consumed, trying again", telemetry.KeyTrigger, t.Name, telemetry.KeyError, err)
		}
		pause(ctx, wait)
	}
	return false
}

// consume joins the group, again after each rebalance, until ctx ends or the
// client is good for nothing.
func (t *trigger) consume(ctx context.Context) error {
	config, err := t.subject.settings.consuming("monitor-" + t.Name)
	if err != nil {
		return err
	}
	client, err := newClient(t.subject.settings, config)
	if err != nil {
		return t.subject.explain(err)
	}
	group, err := sarama.NewConsumerGroupFromClient(t.subject.group, client)
	if err != nil {
		return errors.Join(t.subject.explain(err), client.Close())
	}
	var helping sync.WaitGroup
	helping.Go(func() { t.tell(group.Errors()) })
	ended := make(chan struct{})
	helping.Go(func() { t.cut(ctx, ended, client) })
	err = t.join(ctx, group)
	_ = group.Close() // whatever it says, a new one is made
	close(ended)
	helping.Wait()
	_ = client.Close() // it may be closed already
	return t.subject.explain(err)
}

// join joins the group again and again. Brokers that were lost are waited for
// with the same client: the group knows it, and lets it go on at once, where it
// would wait for half a minute before it gave the partitions to a new one.
func (t *trigger) join(ctx context.Context, group sarama.ConsumerGroup) error {
	failed := 0
	for ctx.Err() == nil {
		before, began := t.sessions.Load(), time.Now()
		err := group.Consume(ctx, []string{t.subject.topic}, (*session)(t))
		switch {
		case t.sessions.Load() > before:
			failed = 0
		case err != nil:
			failed++
		}
		if failed > maxFailed || errors.Is(err, sarama.ErrFencedInstancedId) {
			return err
		}
		if err != nil {
			t.consumer.options.Log.Debug("Kafka was lost, waiting for it", telemetry.KeyTrigger, t.Name, telemetry.KeyError, t.subject.explain(err))
			t.await(ctx)
		}
		if time.Since(began) < rebuildMin {
			pause(ctx, rebuildMin) // whatever ends sessions at once
		}
	}
	return nil
}

// maxFailed is how often in a row a client may fail to join while the brokers
// say that it could.
const maxFailed = 3

// tell logs what goes wrong in the background: each sentence once in a row,
// though every partition says it.
func (t *trigger) tell(faults <-chan error) {
	said := ""
	for err := range faults {
		err = t.subject.explain(err)
		if sentence := events.AnswerTo(err).Text; sentence != said {
			said = sentence
			t.consumer.options.Log.Warn("consuming from Kafka", telemetry.KeyTrigger, t.Name, telemetry.KeyError, err)
		}
	}
}

// cut closes the client's connections when a group that is to end hangs in a
// request beyond the time that handlers have.
func (t *trigger) cut(ctx context.Context, ended <-chan struct{}, client sarama.Client) {
	select {
	case <-ctx.Done():
	case <-ended:
		return
	}
	bound := time.NewTimer(t.consumer.options.Drain + 2*grace)
	defer bound.Stop()
	select {
	case <-bound.C:
		_ = client.Close() // its requests fail now
	case <-ended:
	}
}

// pause waits and reports whether ctx let it.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
