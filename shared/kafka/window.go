package kafka

import (
	"slices"
	"sync"
	"time"
)

// window keeps which events of a partition are in hand, and marks how far all
// are finished: up to the first that is not.
type window struct {
	mark func(next int64)

	mu      sync.Mutex
	next    int64     // behind the last record that was taken
	last    time.Time // when that one was written; zero: none was taken
	left    []inHand  // not finished, in order
	working int       // handlers at work
	rest    chan struct{}
}

// inHand is a record that was taken and is not finished.
type inHand struct {
	offset  int64
	written time.Time // zero: not known
	taken   time.Time
}

func newWindow(next int64, mark func(next int64)) *window {
	return &window{next: next, mark: mark, rest: make(chan struct{}, 1)}
}

// pass counts a record as finished.
func (w *window) pass(offset int64, written time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.last = offset+1, written
	w.advance()
}

// open counts a record as in hand. Records come in order.
func (w *window) open(offset int64, written time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.last = offset+1, written
	w.left = append(w.left, inHand{offset, written, time.Now()})
	w.working++
}

// done ends a handler's work. A record that is not finished stays in the way of
// all behind it.
func (w *window) done(offset int64, finished bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if finished {
		at := slices.IndexFunc(w.left, func(one inHand) bool { return one.offset == offset })
		w.left = slices.Delete(w.left, at, at+1)
		w.advance()
	}
	if w.working--; w.working == 0 {
		select {
		case w.rest <- struct{}{}:
		default:
		}
	}
}

func (w *window) advance() { w.mark(w.front().offset) }

func (w *window) front() inHand {
	if len(w.left) > 0 {
		return w.left[0]
	}
	return inHand{offset: w.next}
}

// first returns the first record that is not finished: one in hand, or the one
// that is taken next, of which only the offset is known. Before it is when the
// record was written that was taken last.
func (w *window) first() (at inHand, before time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.front(), w.last
}

// idle waits until no handler is at work, and reports whether that came in time.
// Nothing may be opened meanwhile.
func (w *window) idle(within time.Duration) bool {
	bound := time.NewTimer(within)
	defer bound.Stop()
	for {
		w.mu.Lock()
		working := w.working
		w.mu.Unlock()
		if working == 0 {
			return true
		}
		select {
		case <-w.rest:
		case <-bound.C:
			return false
		}
	}
}
