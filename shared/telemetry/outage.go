package telemetry

import (
	"sync"
	"time"
)

// The pauses between the lines of one outage: each is twice as long as the one
// before it.
const (
	firstPause = time.Minute
	lastPause  = time.Hour
)

// Outage thins out what the log says while many things fail for one cause: the
// first of them is told at once, and so is the first after a pause, with how many it
// stands for. It is over when something works and nothing that has failed is left.
// The zero value is ready to use, by many goroutines.
type Outage struct {
	mu      sync.Mutex
	failing int           // things that have failed, and will be tried again
	told    time.Time     // when a line was last told; zero: there is no outage
	pause   time.Duration // before the next one
	untold  int           // since then
	thinned bool          // some were not told at all
}

// Fail counts in a thing that has failed, and says whether to tell so, and for how
// many others that were not told.
func (o *Outage) Fail(now time.Time) (tell bool, others int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failing++
	return o.tell(now)
}

// Again is Fail for a thing that is counted in already.
func (o *Outage) Again(now time.Time) (tell bool, others int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pausing(now) {
		return false, 0
	}
	return o.tell(now)
}

func (o *Outage) pausing(now time.Time) bool { return !o.told.IsZero() && now.Sub(o.told) < o.pause }

func (o *Outage) tell(now time.Time) (tell bool, others int) {
	if o.pausing(now) {
		o.untold++
		o.thinned = true
		return false, 0
	}
	if o.told.IsZero() {
		o.pause = firstPause / 2
	}
	o.told, o.pause = now, min(2*o.pause, lastPause)
	others, o.untold = o.untold, 0
	return true, others
}

// GiveUp counts out a thing that had failed and is not tried again.
func (o *Outage) GiveUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failing--
}

// Work takes it that something works, which is counted out if it had failed. It
// says whether the outage is over, where that is to be told because something else
// was not, and how many were not told since the last line.
func (o *Outage) Work(failed bool) (over bool, others int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if failed {
		o.failing--
	}
	if o.failing > 0 || o.told.IsZero() {
		return false, 0
	}
	over, others = o.thinned, o.untold
	o.told, o.untold, o.thinned = time.Time{}, 0, false
	return over, others
}
