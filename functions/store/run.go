package store

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// flag is set while a shard waits for its fold or is being folded.
type flag struct{ atomic.Bool }

// wake has the shard folded by Run. One that is waiting already is not asked
// for twice.
func (s *Store) wake(shard int) {
	if s.queued[shard].CompareAndSwap(false, true) {
		s.due <- shard
	}
}

// Run folds the shards that were ticked, until ctx ends. A fold that fails is
// logged and tried again with the shard's next tick.
func (s *Store) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		workers.Go(func() { s.work(ctx) })
	}
	workers.Wait()
	return nil
}

func (s *Store) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case shard := <-s.due:
			if err := s.Fold(ctx, shard); err != nil && ctx.Err() == nil {
				s.metrics.failures.Inc()
				s.parts.Log.Error("cannot fold; the next tick tries again", "shard", shard, "error", err)
			}
			s.queued[shard].Store(false)
		}
	}
}
