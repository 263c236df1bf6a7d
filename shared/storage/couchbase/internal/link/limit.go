package link

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// How much may be in flight at once. The client refuses more than 2,048
// operations for one node at once.
const (
	maxInFlight = 1024
	maxQueries  = 32
	maxProbes   = 8 // of readiness
)

// limit bounds what is in flight. Who comes first is served first.
type limit struct {
	documents *semaphore.Weighted
	queries   *semaphore.Weighted
	probes    *semaphore.Weighted // their own, so that what hangs elsewhere holds no readiness up
	count     *atomic.Int64
}

func newLimit() limit {
	return limit{
		documents: semaphore.NewWeighted(maxInFlight), queries: semaphore.NewWeighted(maxQueries), probes: semaphore.NewWeighted(maxProbes),
		count: new(atomic.Int64),
	}
}

func (l limit) inFlight() float64 { return float64(l.count.Load()) }

// enter waits until n more operations may be in flight, until ctx ends.
func (l limit) enter(ctx context.Context, n int) error {
	if err := l.documents.Acquire(ctx, int64(n)); err != nil {
		return err
	}
	l.count.Add(int64(n))
	return nil
}

func (l limit) tryEnter(n int) bool {
	if !l.documents.TryAcquire(int64(n)) {
		return false
	}
	l.count.Add(int64(n))
	return true
}

func (l limit) leave(n int) {
	l.count.Add(int64(-n))
	l.documents.Release(int64(n))
}
