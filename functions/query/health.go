package query

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Loaded returns nil if requests can be answered now, be it from memory alone,
// else Unavailable with the reason.
func (q *Query) Loaded(context.Context) error {
	if !q.loaded.Load() {
		return monitor.Errorf(monitor.Unavailable, "what is stored is still being loaded")
	}
	return nil
}

// Ready returns nil if requests can be answered now, and from the store, else
// Unavailable with the reason. What is wrong with the store is said in general,
// for all to see.
func (q *Query) Ready(ctx context.Context) error {
	if err := q.Loaded(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := q.stored(ctx); err != nil {
		q.log.WarnContext(ctx, "the store is not ready", telemetry.KeyError, err)
		return monitor.Errorf(monitor.Unavailable, "the store cannot be read or written (%s): the log says why", monitor.CodeOf(err))
	}
	return nil
}
