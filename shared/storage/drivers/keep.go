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
// until ctx ends. What goes wrong is tried again a minute later, and logged the
// first time.
func Keep(ctx context.Context, s Store, clock func() time.Time, log *slog.Logger) error {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for level := slog.LevelError; ; {
		err := s.Maintain(ctx, monitor.At(clock()))
		if err == nil {
			level = slog.LevelError
		} else if ctx.Err() == nil {
			log.Log(ctx, level, "cannot keep the store within its bounds; trying again each minute", telemetry.KeyError, err)
			level = slog.LevelDebug
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
