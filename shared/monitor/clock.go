package monitor

import (
	"sync"
	"time"
)

// Steady returns a clock that follows the wall's and never goes back, because a
// due time must not come twice: the second check would be taken for the first,
// all along the way. Where the wall's clock is set back, the steady one goes at
// seven eighths of the pace until the wall's has caught up with it. Elapsed is
// the time since some moment, by a clock that nobody sets.
func Steady(wall func() time.Time, elapsed func() time.Duration) func() time.Time {
	var mu sync.Mutex
	var last time.Time
	var before time.Duration
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now, at := wall().Round(0), elapsed() // Round takes the monotonic reading away
		least := last.Add((at - before) * 7 / 8)
		if now.Before(least) {
			now = least
		}
		last, before = now, at
		return now
	}
}
