package probe

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// spokes is the wheel's size: it turns once in about ten seconds.
const spokes = 1024

// grid is the time between two lines of the grid, in milliseconds.
const grid = int64(monitor.Grid / time.Millisecond)

// stint is how many checks are begun before those under way get the processors:
// where these are too slow for all that is due, checks are skipped, which is
// cheap, and not begun together only to run into their timeouts.
const stint = 8

// wheel calls for checks at their due times, all of a process with one timer:
// what is due within the same grid line costs one awakening, and what is due
// earlier is called for earlier (Varghese and Lauck, "Hashed and Hierarchical
// Timing Wheels", 1987, scheme 6). It turns in a goroutine of its own for as
// long as anything is on it.
type wheel struct {
	clock func() time.Time
	call  func(check)
	wake  chan struct{} // holds one when something earlier was put on

	mu      sync.Mutex
	turning bool
	hand    int64 // the line that was called last
	next    int64 // the line that is waited for
	held    int
	on      [spokes][]turn
	unused  [][]turn // room for the turns of a spoke; few have some at a time
}

// turn is one endpoint's next due time, or that of an extra check.
type turn struct {
	line int64 // number of the grid line, from the Unix epoch
	check
}

func newWheel(clock func() time.Time, call func(check)) *wheel {
	return &wheel{clock: clock, call: call, wake: make(chan struct{}, 1)}
}

// lineAt returns the first line at or after an instant.
func lineAt(at monitor.Instant) int64 {
	return (int64(at) + grid - 1) / grid
}

// put has the check called for at the first line that is not before the
// instant, nor over.
func (w *wheel) put(at monitor.Instant, c check) {
	w.mu.Lock()
	defer w.mu.Unlock()
	over := lineAt(monitor.At(w.clock())) - 1
	w.hand = min(w.hand, over) // the clock may have been set back
	if !w.turning {
		w.turning = true
		w.hand = over
		w.next = w.hand + spokes
		go w.turn()
	}
	line := max(lineAt(at), w.hand+1)
	spoke := &w.on[line%spokes]
	if last := len(w.unused) - 1; *spoke == nil && last >= 0 {
		*spoke, w.unused = w.unused[last], w.unused[:last]
	}
	*spoke = append(*spoke, turn{line, c})
	w.held++
	if line < w.next {
		w.next = line
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// drop takes the due times of a round off the wheel. Its extra checks come to
// nothing by themselves.
func (w *wheel) drop(r *round) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.on {
		w.on[i] = w.pick(w.on[i], func(t turn) bool { return t.round == r && !t.extra() }, nil)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// turn calls what is due until nothing is left on the wheel.
func (w *wheel) turn() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var due []turn
	for {
		var next int64
		due, next = w.advance(due[:0])
		for i, t := range due {
			w.call(t.check)
			if i%stint == stint-1 {
				runtime.Gosched()
			}
		}
		if len(due) > 0 {
			clear(due)
			continue // much time may have gone by
		}
		if next < 0 {
			return
		}
		left := time.Duration(next)*monitor.Grid - time.Duration(w.clock().UnixNano())
		timer.Reset(min(left, spokes*monitor.Grid)) // a clock that was set back may be set forth again
		select {
		case <-timer.C:
		case <-w.wake:
		}
	}
}

// advance moves the hand to now and returns what is due, and the line to wait
// for; -1 if nothing is left.
func (w *wheel) advance(due []turn) ([]turn, int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock().UnixMilli() / grid
	for line := max(w.hand+1, now-spokes+1); line <= now; line++ {
		spoke := &w.on[line%spokes]
		*spoke = w.pick(*spoke, func(t turn) bool { return t.line <= now }, &due)
	}
	if now-w.hand > spokes { // the clock was set, or the process stood still: the spokes hold more than a turn
		slices.SortStableFunc(due, func(x, y turn) int { return cmp.Compare(x.line, y.line) })
	}
	w.hand = max(w.hand, now)
	if len(due) == 0 && w.held == 0 {
		w.turning = false
		return due, -1
	}
	w.next = w.hand + spokes
	for line := w.hand + 1; line < w.next; line++ {
		for _, t := range w.on[line%spokes] {
			if t.line == line {
				w.next = line
				break
			}
		}
	}
	return due, w.next
}

// pick takes the turns off a spoke that are wanted, and returns the others.
func (w *wheel) pick(spoke []turn, wanted func(turn) bool, into *[]turn) []turn {
	left := spoke[:0]
	for _, t := range spoke {
		if !wanted(t) {
			left = append(left, t)
			continue
		}
		w.held--
		if into != nil {
			*into = append(*into, t)
		}
	}
	clear(spoke[len(left):])
	if len(left) == 0 && cap(left) > 0 {
		w.unused = append(w.unused, left)
		return nil
	}
	return left
}
