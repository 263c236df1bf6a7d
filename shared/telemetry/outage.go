package telemetry

import (
	"sync"
	"time"
)

// The pauses between the lines of one outage: each is twice as long as the one
// before it, up to the last. What fails oftener than it is calm makes one outage of
// all that comes after it: another cause must not wait long for its line.
const (
	firstPause = time.Minute
	lastPause  = 10 * time.Minute
)

// calm is how long nothing may have failed before an outage is over.
const calm = time.Minute

// Outage thins out what the log says while many things fail for one cause: the
// first of them is told at once, and so is the first after a pause, with how many it
// stands for. It is over when something works, nothing that has failed is left, and
// nothing has failed for a minute: what works in between ends nothing. The zero
// value is ready to use, by many goroutines.
type Outage[Thing comparable] struct {
	mu      sync.Mutex
	failing map[Thing]struct{} // what has failed, and will be tried again
	last    time.Time          // when something failed, or ceased to
	told    time.Time          // when a line was last told; zero: there is no outage
	pause   time.Duration      // before the next one
	untold  int                // things since then
	lasts   bool               // one line was not enough
	worked  bool               // something has, since the last failure
}

// Fail takes it that a thing has failed, be it once more, and says whether to tell
// so, and for how many others that were not told.
func (o *Outage[Thing]) Fail(thing Thing, now time.Time) (tell bool, others int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended(now) { // when nothing worked that could have been told so
		o.told = time.Time{}
	}
	_, known := o.failing[thing]
	if !known {
		if o.failing == nil {
			o.failing = map[Thing]struct{}{}
		}
		o.failing[thing] = struct{}{}
	}
	o.last, o.worked = now, false
	switch {
	case o.told.IsZero():
		o.pause = firstPause
	case now.Sub(o.told) >= o.pause:
		o.pause, o.lasts = min(2*o.pause, lastPause), true
	case known:
		return false, 0
	default:
		o.untold++
		o.lasts = true
		return false, 0
	}
	o.told = now
	others, o.untold = o.untold, 0
	return true, others
}

// GiveUp takes it that a thing is not tried again.
func (o *Outage[Thing]) GiveUp(thing Thing, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(thing, now)
}

// Work takes it that a thing works, whether it had failed or not. It says whether
// the outage is over, where more than one line of it was told or left out, and how
// many things were not told since the last line.
func (o *Outage[Thing]) Work(thing Thing, now time.Time) (over bool, others int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(thing, now)
	o.worked = true
	if o.told.IsZero() || !o.ended(now) {
		return false, 0
	}
	over, others = o.lasts, o.untold
	o.told, o.untold, o.lasts = time.Time{}, 0, false
	return over, others
}

func (o *Outage[Thing]) ended(now time.Time) bool {
	return o.worked && len(o.failing) == 0 && now.Sub(o.last) >= calm
}

func (o *Outage[Thing]) drop(thing Thing, now time.Time) {
	if _, failed := o.failing[thing]; failed {
		delete(o.failing, thing)
		o.last = now
	}
}

// WithOthers returns the attributes of a line that stands for others, if it does.
func WithOthers(others int, attributes ...any) []any {
	if others == 0 {
		return attributes
	}
	return append(attributes, KeyOthers, others)
}
