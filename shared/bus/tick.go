package bus

import (
	"context"
	"crypto/rand"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// tick emits an event now and at each time of the schedule until ctx ends. A
// tick that cannot be emitted is lost, as with a PingSource.
func (b *Bus) tick(ctx context.Context, tick topology.Tick) {
	for {
		if err := b.Emit(ctx, ping(tick, b.options.Clock())); err != nil && ctx.Err() == nil {
			b.missed.Inc()
			b.options.Log.Warn("tick lost", telemetry.KeySource, tick.Source, telemetry.KeyError, err)
		}
		now := b.options.Clock()
		if !pause(ctx, tick.Schedule.Next(now).Sub(now)) {
			return
		}
	}
}

func ping(tick topology.Tick, now time.Time) events.Event {
	e := cloudevents.New()
	e.SetID(rand.Text())
	e.SetType(events.TypePing)
	e.SetSource(tick.Source)
	e.SetTime(now.UTC())
	if len(tick.Data) > 0 {
		e.SetDataContentType(tick.ContentType)
		e.DataEncoded = tick.Data
	}
	return events.FromWire(e)
}
