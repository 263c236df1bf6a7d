package bus

import (
	"context"
	"log/slog"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// subscriber makes one try to deliver an event; nil means acknowledged.
type subscriber func(ctx context.Context, d *delivery) *failure

// failure is what became of a try.
type failure struct {
	answer     events.Answer     // Status 0: there was none
	to         string            // the address that failed
	extensions map[string]string // for the dead letter
	final      bool              // no other try can help
	cause      error             // for the log
}

// handle delivers one event, with all its tries. It returns nil when the event
// was handled or has become a dead letter.
func (q *queue) handle(d *delivery) error {
	for try := 1; ; try++ {
		if q.ctx.Err() != nil {
			return q.unfinished(d)
		}
		failed := q.try(d)
		if failed == nil {
			q.metrics.handled.Inc()
			q.logWorks(d)
			return nil
		}
		if q.ctx.Err() != nil {
			return q.unfinished(d)
		}
		if failed.final || try > q.trigger.Delivery.Retry {
			return q.giveUp(d, failed, try)
		}
		q.log(d, failed, try)
		q.metrics.retries.Inc()
		if !pause(q.ctx, q.trigger.Delivery.Wait(try)) {
			return q.unfinished(d)
		}
	}
}

// giveUp ends the tries of an event.
func (q *queue) giveUp(d *delivery, failed *failure, tries int) error {
	defer func() { q.away.GiveUp(d, q.bus.options.Clock()) }()
	if failed.final || !q.returns || failed.answer.Reason != string(monitor.Unavailable) {
		return q.bury(d, failed, tries)
	}
	q.metrics.returned.Inc()
	tell, others := q.away.Fail(d, q.bus.options.Clock())
	q.bus.options.Log.Log(context.Background(), levelIf(tell), "event goes back to whoever emitted it",
		telemetry.WithOthers(others, append(q.attributes(d), telemetry.KeyTry, tries, telemetry.KeyError, failed.cause)...)...)
	return monitor.Wrap(monitor.Unavailable, failed.cause, "the function %q takes no events for now", q.trigger.Subscriber.Name)
}

func (q *queue) try(d *delivery) *failure {
	ctx, cancel := context.WithTimeout(q.ctx, q.trigger.Delivery.Timeout)
	defer cancel()
	start := q.bus.options.Clock()
	failed := q.subscribed()(ctx, d)
	q.metrics.seconds.Observe(q.bus.options.Clock().Sub(start).Seconds())
	return failed
}

func (q *queue) unfinished(d *delivery) error {
	q.metrics.unfinished.Inc()
	q.bus.options.Log.Debug("event not finished at the end", q.attributes(d)...)
	return monitor.Errorf(monitor.Unavailable, "the bus stopped before the event was handled")
}

// log tells of a failed try once in full; further tries of the same event are for
// debugging only, and so are most of all events while the function is unavailable.
func (q *queue) log(d *delivery, failed *failure, try int) {
	level, others := slog.LevelDebug, 0
	switch {
	case failed.answer.Reason == string(monitor.Unavailable):
		var tell bool
		tell, others = q.away.Fail(d, q.bus.options.Clock())
		level = levelIf(tell)
	case try == 1:
		level = telemetry.LevelOf(monitor.Code(failed.answer.Reason))
	}
	q.bus.options.Log.Log(context.Background(), level, "event will be tried again",
		telemetry.WithOthers(others, append(q.attributes(d), telemetry.KeyTry, try, telemetry.KeyError, failed.cause)...)...)
}

// logWorks tells that the function is available again, if that is news.
func (q *queue) logWorks(d *delivery) {
	if over, others := q.away.Work(d, q.bus.options.Clock()); over {
		q.bus.options.Log.Info("no event waits for another try any more",
			telemetry.WithOthers(others, telemetry.KeyTrigger, q.trigger.Name)...)
	}
}

func levelIf(told bool) slog.Level {
	if told {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func (q *queue) attributes(d *delivery) []any {
	return []any{
		telemetry.KeyTrigger, q.trigger.Name, telemetry.KeyEventType, d.event.Type(),
		telemetry.KeyEventID, d.event.ID(), telemetry.KeyPartition, d.key,
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
