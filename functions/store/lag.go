package store

import (
	"context"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	recountLag = 6 * time.Minute // from here on it is looked up again once a minute
	refuseLag  = 3 * time.Hour   // from here on results are refused rather than kept unfolded
)

// lag is what this process knows of a shard's results that are not folded yet.
type lag struct {
	mu      sync.Mutex
	known   bool
	oldest  monitor.Instant // 0: everything is folded
	waiting int             // results that this process has appended since all was folded
	warned  monitor.Instant
}

func (l *lag) get() (oldest monitor.Instant, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oldest, l.known
}

// set notes the oldest row, or with 0 that there is none.
func (l *lag) set(oldest monitor.Instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.oldest, l.known = oldest, true
	if oldest == 0 {
		l.waiting = 0
	}
}

func (l *lag) appended(rows int, now monitor.Instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += rows
	if l.oldest == 0 {
		l.oldest = now
	}
}

func (l *lag) rows() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting
}

// warn tells whether a warning is due: one a minute.
func (l *lag) warn(now monitor.Instant) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Floor(time.Minute) <= l.warned {
		return false
	}
	l.warned = now.Floor(time.Minute)
	return true
}

// admit refuses results of a shard that has not been folded for too long.
func (s *Store) admit(ctx context.Context, shard int, now monitor.Instant) error {
	l, warnLag := &s.lags[shard], s.plan().FoldLag()
	oldest, known := l.get()
	if known && age(oldest, now) < warnLag {
		return nil
	}
	oldest, err := s.oldest(ctx, shard)
	if err != nil {
		return err
	}
	l.set(oldest)
	behind := age(oldest, now)
	if behind >= warnLag {
		s.wake(shard) // its tick may be queued behind these results
		if l.warn(now) {
			s.parts.Log.Warn("results wait too long to be folded", telemetry.KeyShard, shard, telemetry.KeyLag, behind)
		}
	}
	if behind >= refuseLag {
		return monitor.Errorf(monitor.Unavailable,
			"shard %d has not been folded for %s: results are refused until it is; look for shard ticks and for errors of store", shard, monitor.Duration(behind))
	}
	return nil
}

// oldest reads when the oldest row that is not folded arrived; 0: there is none.
func (s *Store) oldest(ctx context.Context, shard int) (monitor.Instant, error) {
	folded, err := s.parts.Records.Folded(ctx, shard)
	if err != nil {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "load how far shard %d is folded", shard)
	}
	rows, err := s.parts.Records.TailRows(ctx, shard, folded, 1)
	if err != nil || len(rows) == 0 {
		return 0, monitor.Wrap(monitor.CodeOf(err), err, "load the tail of shard %d", shard)
	}
	return rows[0].Arrived, nil
}

// recounting looks once a minute, until ctx ends, whether what has long waited for
// its fold still does: another process may have the shard by now, and have folded
// it.
func (s *Store) recounting(ctx context.Context) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.recount(ctx)
		}
	}
}

func (s *Store) recount(ctx context.Context) {
	now := monitor.At(s.parts.Clock())
	for shard := range s.lags {
		oldest, _ := s.lags[shard].get()
		if age(oldest, now) < recountLag {
			continue
		}
		if oldest, err := s.oldest(ctx, shard); err == nil {
			s.lags[shard].set(oldest)
		}
	}
}

// longestLag returns the age of the oldest row of any shard that is not folded.
func (s *Store) longestLag() time.Duration {
	now, longest := monitor.At(s.parts.Clock()), time.Duration(0)
	for shard := range s.lags {
		oldest, _ := s.lags[shard].get()
		longest = max(longest, age(oldest, now))
	}
	return longest
}

func age(oldest, now monitor.Instant) time.Duration {
	if oldest == 0 {
		return 0
	}
	return max(now.Sub(oldest), 0)
}
