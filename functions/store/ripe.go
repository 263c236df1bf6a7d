package store

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// foldRows is how many results of a shard are folded with the next tick: every read
// looks through those that wait.
const foldRows = 4096

// foldIfRipe folds the shard if it is time to. It is the answer to a tick.
func (s *Store) foldIfRipe(ctx context.Context, shard int) error {
	ripe, err := s.ripe(ctx, shard)
	if err != nil || !ripe {
		return err
	}
	return s.Fold(ctx, shard)
}

// ripe tells whether the shard's results are to be folded now: there are enough
// of them, or the oldest would have waited for too long by the next tick. Other
// processes may have appended some of them, or have folded them: how many wait is
// known of this one's own, how long they do is looked up. Where none waits a fold
// costs little, and drops what alert has decided on since the last one.
func (s *Store) ripe(ctx context.Context, shard int) (bool, error) {
	next := s.plan().TickSpan()
	if s.parts.FoldAfter <= next || s.lags[shard].rows() >= foldRows {
		return true, nil
	}
	oldest, err := s.oldest(ctx, shard)
	if err != nil {
		return false, err
	}
	now := monitor.At(s.parts.Clock())
	return oldest == 0 || oldest > now || age(oldest, now) > s.parts.FoldAfter-next, nil
}

func (s *Store) plan() monitor.Plan { return monitor.Plan{Slot: s.parts.Slot} }
