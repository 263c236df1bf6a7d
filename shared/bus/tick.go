package bus

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// tick emits an event now and at each time of the schedule until ctx ends. A
// tick that cannot be emitted is lost, as with a PingSource.
func (b *Bus) tick(ctx context.Context, tick topology.Tick) {
	tick.Follow(ctx, b.options.Clock, func(e events.Event, _ time.Time) {
		if err := b.Emit(ctx, e); err != nil && ctx.Err() == nil {
			b.missed.Inc()
			b.options.Log.Warn("tick lost", telemetry.KeySource, tick.Source, telemetry.KeyError, err)
		}
	})
}
