package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// delivery is one event on its way to a handler.
type delivery struct {
	trigger *trigger
	held    context.Context // ends when its partition is taken away
	work    context.Context // ends when its handler must
	record  *sarama.ConsumerMessage
	event   events.Event
}

// failure is what became of a try.
type failure struct {
	answer events.Answer
	to     string // the address that failed
	cause  error  // for the log
}

func failureOf(to string, err error) *failure {
	return &failure{answer: events.AnswerTo(err), to: to, cause: err}
}

func (d *delivery) destination() string {
	to := d.trigger.Subscriber
	if to.Kind == topology.KafkaSink {
		return "/sinks/" + to.Name
	}
	return "/functions/" + to.Name
}

// run makes all tries and reports whether the event was handled or has become a
// dead letter. When its partition goes it makes no more tries: whoever gets the
// partition makes them.
func (d *delivery) run() bool {
	said := ""   // the reason that was logged
	counted := 0 // tries but those that found a function of Options.Hold unavailable
	for try := 1; ; try++ {
		failed := d.try()
		if failed == nil {
			d.trigger.metrics.handled.Inc()
			return true
		}
		if d.work.Err() != nil {
			return d.unfinished()
		}
		waits := d.trigger.holds && failed.answer.Reason == string(monitor.Unavailable)
		if !waits {
			counted++
		}
		if !waits && (!events.TriedAgain(failed.answer.Status) || counted > d.trigger.Delivery.Retry) {
			return d.bury(failed, try)
		}
		d.log(failed, try, failed.answer.Reason == said)
		said = failed.answer.Reason
		d.trigger.metrics.retries.Inc()
		wait := d.trigger.Delivery.Wait(max(counted, 1))
		if waits {
			wait = min(max(d.trigger.Delivery.Wait(try), holdMin), holdMax)
		}
		if !pause(d.held, wait) {
			return d.unfinished()
		}
	}
}

// The waits of an event whose function is unavailable. The longest is soon over
// once the function is back, and far below the time of a rebalance.
const (
	holdMin = 100 * time.Millisecond
	holdMax = 5 * time.Second
)

func (d *delivery) try() *failure {
	ctx, cancel := context.WithTimeout(d.work, d.trigger.Delivery.Timeout)
	defer cancel()
	if err := call(ctx, d.trigger.handler, d.event, d.trigger.consumer.options.Sender.Emit); err != nil {
		return failureOf(d.destination(), err)
	}
	return nil
}

func call(ctx context.Context, handler events.Handler, in events.Event, emit events.Emit) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = monitor.Wrap(monitor.Internal, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()), "the handler panicked")
		}
	}()
	return handler(ctx, in, emit)
}

func (d *delivery) unfinished() bool {
	d.trigger.metrics.unfinished.Inc()
	d.trigger.consumer.options.Log.Debug("event not finished, it will come again", d.attributes()...)
	return false
}

// log tells of a failed try in full; further ones for the same reason are for
// debugging only.
func (d *delivery) log(failed *failure, try int, again bool) {
	level := slog.LevelDebug
	if !again {
		level = telemetry.LevelOf(monitor.Code(failed.answer.Reason))
	}
	d.trigger.consumer.options.Log.Log(context.Background(), level, "event will be tried again",
		append(d.attributes(), telemetry.KeyTry, try, telemetry.KeyError, failed.cause)...)
}

func (d *delivery) attributes() []any {
	return []any{
		telemetry.KeyTrigger, d.trigger.Name, telemetry.KeyEventType, d.event.Type(),
		telemetry.KeyEventID, d.event.ID(), telemetry.KeyPartition, string(d.record.Key),
		telemetry.KeyPosition, fmt.Sprintf("%s/%d@%d", d.record.Topic, d.record.Partition, d.record.Offset),
	}
}
