package query

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	flushEvery   = 100 * time.Millisecond // coalesces the live stream
	retryAfter   = time.Second
	tailWithin   = time.Second     // that the tail may take to begin before the first load
	storedWithin = 5 * time.Second // of being emitted results are stored
)

// Run feeds the memory until ctx ends, then ends all live streams and returns
// nil. Until the memory is loaded, the process is not ready.
func (q *Query) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	parts.Go(func() { q.flushing(ctx) })
	defer q.hub.close()
	defer parts.Wait()
	if !q.retry(ctx, "load the catalog", q.refreshCatalog) {
		return nil
	}
	parts.Go(func() { q.following(ctx) })
	q.awaitTail(ctx)
	begun := q.now()
	if !q.retry(ctx, "load the latest results", q.load) {
		return nil
	}
	q.memory.lookedWhole(begun)
	q.loaded.Store(true)
	parts.Go(func() { q.filling(ctx) })
	q.refreshing(ctx)
	return nil
}

// retry does the step until it succeeds, and logs the first time that it does not.
// It reports false where ctx ended first.
func (q *Query) retry(ctx context.Context, name string, step func(context.Context) error) bool {
	for level := slog.LevelWarn; ctx.Err() == nil; level = slog.LevelDebug {
		err := step(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			q.log.Log(ctx, level, "a step has to be tried again", telemetry.KeyStep, name, telemetry.KeyError, err)
		}
		pause(ctx, retryAfter)
	}
	return false
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (q *Query) flushing(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			q.hub.flush(monitor.At(q.clock()))
		}
	}
}

// fromNow is no position of any host: its tail begins by saying that what came
// before is not in it.
const fromNow = "now"

// awaitTail waits until the tail has begun: what came before is loaded after
// that. One that begins later has it loaded again.
func (q *Query) awaitTail(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tailWithin)
	defer cancel()
	select {
	case <-q.reload:
	case <-ctx.Done():
	}
}

// following feeds the memory from the host's tail.
func (q *Query) following(ctx context.Context) {
	position := fromNow
	for ctx.Err() == nil {
		err := q.follow(ctx, position, func(next events.Tailed) {
			position = next.Position
			q.receive(ctx, &next)
		})
		if err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "the tail broke off; following it again", telemetry.KeyError, err)
		}
		pause(ctx, retryAfter)
	}
}

func (q *Query) receive(ctx context.Context, next *events.Tailed) {
	if next.Resync {
		signal(q.reload)
		return
	}
	err := q.take(next.Event)
	if err != nil {
		q.log.WarnContext(ctx, "an event of the tail cannot be read", telemetry.KeyEventID, next.Event.ID(), telemetry.KeyError, err)
	}
}

func (q *Query) take(event events.Event) error {
	switch event.Type() {
	case events.TypeProbeResults:
		results, err := events.Decode[events.ProbeResults](event)
		if err != nil {
			return err
		}
		q.apply(results.Rows)
	case events.TypeIncidentChanged:
		change, err := events.Decode[events.IncidentChanged](event)
		if err != nil {
			return err
		}
		q.memory.change(change)
	}
	return nil
}

func (q *Query) apply(rows []monitor.Result) {
	q.meters.results.Add(float64(len(rows)))
	if q.memory.apply(rows) {
		signal(q.strays)
	}
}

func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
