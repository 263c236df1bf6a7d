package drivers

import (
	"context"
	"log/slog"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// keepEvery is how often a store is brought within its bounds.
const keepEvery = time.Minute

// Keep brings the store within its bounds, at once and then once a minute,
// until ctx ends. What goes wrong is logged and tried again a minute later.
func Keep(ctx context.Context, s Store, clock func() time.Time, log *slog.Logger) error {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		if err := s.Maintain(ctx, monitor.At(clock())); err != nil && ctx.Err() == nil {
			log.Error("cannot keep the store within its bounds", telemetry.KeyError, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
