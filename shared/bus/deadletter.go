package bus

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// The attributes that Knative gives a dead letter
// (https://knative.dev/docs/eventing/event-delivery/).
const (
	extensionDestination = "knativeerrordest"
	extensionCode        = "knativeerrorcode"
	extensionData        = "knativeerrordata"
	extensionReason      = "reason" // from the header kne-reason
)

// maxErrorData is how many bytes of an answer a dead letter keeps.
const maxErrorData = 1024

// bury makes a dead letter of the event. Where that fails too the event is
// lost, and whoever waits for it is told.
func (q *queue) bury(d *delivery, failed *failure, tries int) error {
	attributes := append(q.attributes(d), telemetry.KeyTry, tries, telemetry.KeyError, failed.cause)
	level := max(slog.LevelWarn, telemetry.LevelOf(monitor.Code(failed.answer.Reason)))
	err := q.keep(deadLetter(d.event, failed))
	if err == nil {
		q.metrics.dead.Inc()
		q.bus.options.Log.Log(context.Background(), level, "event became a dead letter", attributes...)
		return nil
	}
	q.metrics.lost.Inc()
	q.bus.options.Log.Error("event lost: its dead letter could not be kept",
		append(attributes, telemetry.KeyDeadLetter, err)...)
	return monitor.Wrap(monitor.Unavailable, err, "the event could neither be handled nor kept as a dead letter")
}

// keep tries a few times to hand over a dead letter.
func (q *queue) keep(e events.Event) error {
	var err error
	for try := range 4 {
		if try > 0 && !pause(q.ctx, q.trigger.Delivery.Wait(try)) {
			return err
		}
		ctx, cancel := context.WithTimeout(q.ctx, deadLetterTimeout)
		err = q.bus.options.DeadLetter(ctx, e)
		cancel()
		if err == nil {
			return nil
		}
	}
	return err
}

// deadLetterTimeout bounds one try to keep a dead letter.
const deadLetterTimeout = 30 * time.Second

func deadLetter(e events.Event, failed *failure) events.Event {
	out := e
	out.Event = e.Clone()
	for name, value := range failed.extensions {
		out.SetExtension(name, value)
	}
	out.SetExtension(extensionDestination, failed.to)
	if failed.answer.Status != 0 {
		out.SetExtension(extensionCode, strconv.Itoa(failed.answer.Status))
		text := failed.answer.Text
		out.SetExtension(extensionData, base64.StdEncoding.EncodeToString([]byte(text[:min(len(text), maxErrorData)])))
	}
	return out
}

// toSink delivers to where dead letters go, without an error having happened.
func (b *Bus) toSink(name string) subscriber {
	return func(ctx context.Context, d *delivery) *failure {
		err := b.options.DeadLetter(ctx, d.event)
		if err == nil {
			return nil
		}
		return &failure{
			answer: events.Answer{Reason: string(monitor.CodeOf(err))}, to: "/sinks/" + name, cause: err,
		}
	}
}
