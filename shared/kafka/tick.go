package kafka

import (
	"context"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// tick wakes the functions that take the wiring's ticks: now and at each time of
// their schedules, until ctx ends. It calls the handlers itself. A topic would
// hand the ticks to the one process that has their partition, and keep those that
// nobody was there for; like this whoever lives is woken, and they agree among
// themselves who does the work. What is in hand at the end is finished within the
// time to drain; Unavailable: it was not.
func (c *Consumer) tick(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var ticking sync.WaitGroup
	for _, tick := range c.options.Topology.Ticks {
		for _, t := range c.triggers {
			if t.handler != nil && t.Matches(tick.Event(c.options.Clock())) {
				ticking.Go(func() { t.wake(ctx, work, tick) })
			}
		}
	}
	ended := make(chan struct{})
	go func() { ticking.Wait(); close(ended) }()
	<-ctx.Done()
	if within(ended, c.options.Drain) {
		return nil
	}
	stop()
	if within(ended, grace) {
		return nil
	}
	return monitor.Errorf(monitor.Unavailable, "a tick in hand was not finished within %s", c.options.Drain)
}

// within waits for the end and reports whether it came in time.
func within(ended <-chan struct{}, bound time.Duration) bool {
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}

// wake hands the tick to the trigger's handler, at each of its times, until ctx
// ends. A tick that was in vain is lost, as with a PingSource; the next one comes.
func (t *trigger) wake(ctx, work context.Context, tick topology.Tick) {
	tick.Follow(ctx, t.consumer.options.Clock, func(e events.Event, next time.Time) {
		d := delivery{trigger: t, held: ctx, work: work, event: e}
		if failed := d.tryUntil(next); failed != nil && ctx.Err() == nil {
			t.metrics.ticksLost.Inc()
			t.consumer.options.Log.Warn("tick lost", telemetry.KeySource, tick.Source, telemetry.KeyError, failed.cause)
		}
	})
}

// tryUntil makes the tries that the Trigger has, as long as they begin before the
// bound, and returns why the last one failed.
func (d *delivery) tryUntil(bound time.Time) *failure {
	for try := 1; ; try++ {
		failed := d.try()
		if failed == nil {
			d.trigger.metrics.handled.Inc()
			return nil
		}
		wait := d.trigger.Delivery.Wait(try)
		again := events.TriedAgain(failed.answer.Status) && try <= d.trigger.Delivery.Retry
		if !again || !d.trigger.consumer.options.Clock().Add(wait).Before(bound) || !pause(d.held, wait) {
			return failed
		}
		d.trigger.metrics.retries.Inc()
	}
}
