package store

import (
	"context"
	"iter"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

const (
	foldEvents = 200 // events of the tail that are folded in one step
	foldSteps  = 50  // the most steps of one fold; the next tick goes on
	attempts   = 5   // at one step, when another process wrote first
)

// FoldSeries is of how many series, of endpoint and location, the windows are in
// memory at once.
const FoldSeries = 16

// Fold moves what is in the shard's tail into windows and rollups, and drops
// from the tail what both store and alert are done with.
func (s *Store) Fold(ctx context.Context, shard int) error {
	timer := prometheus.NewTimer(s.metrics.seconds)
	defer timer.ObserveDuration()
	for range foldSteps {
		folded, err := s.step(ctx, shard)
		if err != nil {
			return err
		}
		if folded < foldEvents {
			break
		}
	}
	return nil
}

// step folds the next events of the tail and returns how many those were.
func (s *Store) step(ctx context.Context, shard int) (int, error) {
	for range attempts {
		folded, err := s.tryStep(ctx, shard)
		if monitor.CodeOf(err) != monitor.Conflict {
			return folded, err
		}
	}
	return 0, monitor.Errorf(monitor.Conflict, "others keep folding shard %d: try again", shard)
}

func (s *Store) tryStep(ctx context.Context, shard int) (int, error) {
	from, err := s.parts.Records.Folded(ctx, shard)
	if err != nil {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "load how far shard %d is folded", shard)
	}
	tail, err := s.parts.Records.TailRows(ctx, shard, from, foldEvents)
	if err != nil {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "load the tail of shard %d", shard)
	}
	fold := storage.Fold{Shard: shard, Folded: from}
	if len(tail) > 0 {
		s.lags[shard].set(tail[0].Arrived)
		fold.Folded = tail[len(tail)-1].Seq
		if err := s.compute(ctx, tail, &fold); err != nil {
			return 0, err
		}
	}
	if fold.Drop, err = s.droppable(ctx, shard, fold.Folded); err != nil {
		return 0, err
	}
	if len(tail) > 0 || fold.Drop > 0 {
		if err := s.parts.Records.CommitFold(ctx, fold); err != nil {
			return 0, monitor.Wrap(monitor.CodeOf(err), err, "commit the fold of shard %d", shard)
		}
	}
	if len(tail) < foldEvents {
		s.lags[shard].set(0)
	}
	return len(tail), nil
}

// compute puts into fold what becomes of the windows, rollups and latest results
// that the tail's results touch.
func (s *Store) compute(ctx context.Context, tail []storage.TailRow, fold *storage.Fold) error {
	work := newFolding(tail)
	latest, err := s.parts.Records.Latest(ctx, fold.Shard)
	if err != nil {
		return monitor.Wrap(monitor.CodeOf(err), err, "load the latest results of shard %d", fold.Shard)
	}
	fold.Latest = work.latest(latest)
	fold.Parts = s.computeParts(ctx, work, fold.Shard)
	return nil
}

// computeParts loads, and folds, the windows and rollups of a few series after the
// other: with all their rows, those of a whole shard take much memory.
func (s *Store) computeParts(ctx context.Context, work *folding, shard int) iter.Seq2[storage.FoldPart, error] {
	return func(yield func(storage.FoldPart, error) bool) {
		for few := range work.split(FoldSeries) {
			part, err := s.computePart(ctx, few, shard)
			if !yield(part, err) || err != nil {
				return
			}
		}
	}
}

// computePart reads the rollups before the windows that they are made from. So a
// rollup that is as it was read was made from no later windows than these, and
// its revision alone guards it.
func (s *Store) computePart(ctx context.Context, work *folding, shard int) (storage.FoldPart, error) {
	packs, err := s.parts.Records.Packs(ctx, work.packKeys())
	if err != nil {
		return storage.FoldPart{}, monitor.Wrap(monitor.CodeOf(err), err, "load the rollups of shard %d", shard)
	}
	windows, err := s.parts.Records.Windows(ctx, work.windowKeys())
	if err != nil {
		return storage.FoldPart{}, monitor.Wrap(monitor.CodeOf(err), err, "load the windows of shard %d", shard)
	}
	merged, changed := work.merge(windows)
	return storage.FoldPart{Windows: changed, Packs: work.rollUp(merged, packs)}, nil
}

// droppable returns the Seq up to which rows are folded and arrived before
// alert's mark.
func (s *Store) droppable(ctx context.Context, shard int, folded int64) (int64, error) {
	state, err := s.parts.Records.ShardState(ctx, shard)
	if err != nil {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "load what alert has decided of shard %d", shard)
	}
	drop, err := s.parts.Records.TailMark(ctx, shard, state.Decided)
	if err != nil {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "find the end of what is decided in the tail of shard %d", shard)
	}
	return min(drop, folded), nil
}
