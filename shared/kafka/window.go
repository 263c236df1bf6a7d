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
	next    int64   // behind the last record that was taken
	left    []int64 // offsets that are not finished, in order
	working int     // handlers at work
	rest    chan struct{}
}

func newWindow(next int64, mark func(next int64)) *window {
	return &window{next: next, mark: mark, rest: make(chan struct{}, 1)}
}

// pass counts a record as finished.
func (w *window) pass(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = offset + 1
	w.advance()
}

// open counts a record as in hand. Records come in order.
func (w *window) open(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = offset + 1
	w.left = append(w.left, offset)
	w.working++
}

// done ends a handler's work. A record that is not finished stays in the way of
// all behind it.
func (w *window) done(offset int64, finished bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if finished {
		at, _ := slices.BinarySearch(w.left, offset)
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

func (w *window) advance() {
	if len(w.left) > 0 {
		w.mark(w.left[0])
		return
	}
	w.mark(w.next)
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
