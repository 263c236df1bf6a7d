// Package store keeps results: first as they arrive, in the tail, then folded
// into windows and rollups.
//
//	probe.results, shard.tick -> store
//
// Results are acknowledged once they are in the tail. While the tail cannot be
// written they are refused as unavailable, and are no dead letters with the bus:
// they go back to probe, which keeps probe.MaxBuffered rows a shard and location
// in memory, gives up the oldest beyond that, and counts them. On Kafka they wait
// in the topic until store takes them. With a Knative broker what its patience
// does not cover is in the topic of dead letters.
//
// A tick folds a shard once its results wait for Parts.FoldAfter or are many: what
// waits is part of every read, and windows and rollups are written the seldomer.
// Folding may be repeated after any crash: a check counts once, and a cell of a
// rollup is always summed up anew from the results below it.
package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Records is what store keeps and reads.
type Records interface {
	storage.Tail
	storage.Folds
	// Latest returns the last folded results of the shard.
	Latest(ctx context.Context, shard int) ([]monitor.Result, error)
	// ShardState returns what alert has decided on.
	ShardState(ctx context.Context, shard int) (monitor.ShardState, error)
}

// Parts are what the function is made of. All of them are needed.
type Parts struct {
	Records   Records
	Shards    int           // of the installation
	FoldAfter time.Duration // how long results may wait for their fold; up to the time between two ticks: each of these folds
	Slot      time.Duration // of the installation
	Clock     func() time.Time
	Log       *slog.Logger
	Registry  prometheus.Registerer
}

// Store is the function. It is safe for concurrent use.
type Store struct {
	parts   Parts
	lags    []lag
	queue   queue
	metrics *metrics
}

// New returns a Store.
func New(parts Parts) *Store {
	s := &Store{
		parts: parts,
		lags:  make([]lag, parts.Shards),
		queue: newQueue(parts.Shards),
	}
	s.metrics = newMetrics(parts.Registry, s.longestLag)
	return s
}

// Handler returns the function's handler. While Run runs, a shard.tick is
// acknowledged at once and answered by Run, so that folding does not hold up the
// results that come behind it; else it is acknowledged once the shard is folded, if
// it is time to.
func (s *Store) Handler() events.Handler {
	return events.Switch(map[string]events.Handler{
		events.TypeProbeResults: s.results,
		events.TypeShardTick:    events.On(s.tick),
	})
}

func (s *Store) tick(ctx context.Context, tick *events.ShardTick, _ events.Emit) error {
	if err := monitor.CheckShard(tick.Shard, s.parts.Shards); err != nil {
		return err
	}
	if s.wake(tick.Shard) {
		return nil
	}
	return s.foldIfRipe(ctx, tick.Shard)
}

func (s *Store) results(ctx context.Context, in events.Event, emit events.Emit) error {
	results, err := events.Decode[events.ProbeResults](in)
	if err != nil {
		return err
	}
	if err := monitor.CheckShard(results.Shard, s.parts.Shards); err != nil {
		return err
	}
	now := monitor.At(s.parts.Clock())
	if err := s.admit(ctx, results.Shard, now); err != nil {
		return err
	}
	kept := s.sift(results, now)
	if len(kept.Rows) > 0 {
		if err := s.keep(ctx, in, kept, now); err != nil {
			return err
		}
	}
	return s.report(ctx, kept.Rejected, emit)
}

// keep appends the rows to the tail: as they came, if all of them are good.
func (s *Store) keep(ctx context.Context, in events.Event, kept *events.ProbeResults, now monitor.Instant) error {
	data, err := in.Encoded()
	if err != nil {
		return err
	}
	if len(kept.Rejected) > 0 {
		data = events.AppendResults(nil, kept)
	}
	if err := s.parts.Records.AppendTail(ctx, kept.Shard, now, data); err != nil {
		return monitor.Wrap(monitor.CodeOf(err), err, "append to the tail of shard %d", kept.Shard)
	}
	s.lags[kept.Shard].appended(len(kept.Rows), now)
	s.metrics.rows.Add(float64(len(kept.Rows)))
	s.metrics.bytes.Add(float64(len(data)))
	return nil
}
