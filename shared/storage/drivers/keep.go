package drivers

import (
	"context"
	"log/slog"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// keepEvery is how often a store is brought within its bounds.
const keepEvery = time.Minute

// Keep brings the store within its bounds once a minute until ctx ends. What
// goes wrong is logged and tried again a minute later.
func Keep(ctx context.Context, s Store, log *slog.Logger) error {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if err := s.Maintain(ctx, monitor.At(now)); err != nil && ctx.Err() == nil {
				log.Error("cannot keep the store within its bounds", "error", err)
			}
		}
	}
}
