package store

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// queue holds the shards that wait for their fold, each once.
type queue struct {
	mu      sync.Mutex
	running int // how many Runs there are
	waiting []bool
	next    chan int // as long as there are shards: sending never waits
}

func newQueue(shards int) queue {
	return queue{waiting: make([]bool, shards), next: make(chan int, shards)}
}

// wake has Run fold the shard if it is time to, and tells whether there is a Run.
func (s *Store) wake(shard int) bool {
	q := &s.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running == 0 {
		return false
	}
	if !q.waiting[shard] {
		q.waiting[shard] = true
		q.next <- shard
	}
	return true
}

// run counts the Runs.
func (q *queue) run(change int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running += change
}

// folded lets the shard wait again.
func (q *queue) folded(shard int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[shard] = false
}

// Run folds those of the ticked shards that it is time for, until ctx ends. A fold
// that fails is logged and tried again with the shard's next tick.
func (s *Store) Run(ctx context.Context) error {
	s.queue.run(+1)
	defer s.queue.run(-1)
	var workers sync.WaitGroup
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		workers.Go(func() { s.work(ctx) })
	}
	workers.Go(func() { s.recounting(ctx) })
	workers.Wait()
	return nil
}

func (s *Store) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case shard := <-s.queue.next:
			began := time.Now()
			if err := s.foldIfRipe(ctx, shard); err != nil && ctx.Err() == nil {
				s.metrics.failures.Inc()
				s.parts.Log.Error("cannot fold; the next tick tries again", telemetry.KeyShard, shard, telemetry.KeyError, err)
			}
			s.queue.folded(shard)
			rest(ctx, time.Since(began))
		}
	}
}

// After a fold the processors belong to the checks for a while, so that those
// are not late each time that all shards are folded.
const (
	restShare = 4 // times as long as the fold took
	maxRest   = 200 * time.Millisecond
)

func rest(ctx context.Context, took time.Duration) {
	timer := time.NewTimer(min(restShare*took, maxRest))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
