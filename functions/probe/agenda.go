package probe

import (
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// agenda holds the due times of a round that are still to come.
type agenda struct {
	endpoints []events.DueEndpoint
	empty     chan struct{} // closed when none is left
	taken     sync.WaitGroup

	mu     sync.Mutex
	done   []int32 // due times of each endpoint that lie behind
	left   int
	closed bool // no more are taken
}

// The checks that are late when their event comes, as at a start in the middle
// of a slot, are not all made in the same moment.
const (
	lateSpan  = time.Second - monitor.Grid // within which they are made
	lateApart = monitor.Grid               // the most time between two of them
)

func newAgenda(endpoints []events.DueEndpoint) *agenda {
	a := &agenda{endpoints: endpoints, empty: make(chan struct{}), done: make([]int32, len(endpoints))}
	for i := range endpoints {
		a.left += endpoints[i].Due.Count
	}
	if a.left == 0 {
		close(a.empty)
	}
	return a
}

// begin calls put for the first due time of each endpoint, with when to start:
// the due time, or behind it for what is late from the beginning.
func (a *agenda) begin(now monitor.Instant, put func(endpoint int, at monitor.Instant)) {
	var late []int
	for i := range a.endpoints {
		due := a.endpoints[i].Due
		switch {
		case due.Count == 0:
		case due.First < now && now.Sub(due.First)+lateSpan < a.endpoints[i].Endpoint.Interval.D():
			late = append(late, i)
		default:
			put(i, due.First)
		}
	}
	for n, i := range late {
		put(i, now.Add(min(lateApart*time.Duration(n), lateSpan*time.Duration(n)/time.Duration(len(late)))))
	}
}

// take removes the next due time of an endpoint, and returns the one after it,
// or 0. It tells whether there was one to take; who takes it says when it is
// dealt with, by taken.
func (a *agenda) take(endpoint int) (at, next monitor.Instant, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	due, done := &a.endpoints[endpoint].Due, int(a.done[endpoint])
	if a.closed || done >= due.Count {
		return 0, 0, false
	}
	a.taken.Add(1) // not once it is closed: somebody may wait by then
	a.done[endpoint]++
	if a.left--; a.left == 0 {
		defer close(a.empty)
	}
	if done+1 < due.Count {
		next = due.At(done + 1)
	}
	return due.At(done), next, true
}

// waits tells whether a due time of the endpoint has come that was not taken.
func (a *agenda) waits(endpoint int, now monitor.Instant) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	due, done := &a.endpoints[endpoint].Due, int(a.done[endpoint])
	return !a.closed && done < due.Count && due.At(done) <= now
}

// close leaves the rest of the due times to others, and counts them.
func (a *agenda) close() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	return a.left
}
