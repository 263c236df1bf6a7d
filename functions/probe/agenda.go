package probe

import (
	"container/heap"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// agenda holds the due times that are still to come, the earliest first.
type agenda struct {
	endpoints []events.DueEndpoint
	items     []item
}

type item struct {
	at       monitor.Instant // when to start; the due time, or behind it for what is late from the beginning
	endpoint int
	done     int // due times of the endpoint that lie behind
}

// The checks that are late when their event comes, as at a start in the middle
// of a slot, are not all made in the same moment.
const (
	lateSpan  = time.Second           // within which they are made
	lateApart = 10 * time.Millisecond // the most time between two of them
)

func newAgenda(endpoints []events.DueEndpoint, now monitor.Instant) *agenda {
	a := &agenda{endpoints: endpoints, items: make([]item, 0, len(endpoints))}
	var late []int
	for i := range endpoints {
		due := endpoints[i].Due
		if due.Count == 0 {
			continue
		}
		if due.First < now && now.Sub(due.First)+lateSpan < endpoints[i].Endpoint.Interval.D() {
			late = append(late, len(a.items))
		}
		a.items = append(a.items, item{at: due.First, endpoint: i})
	}
	for n, i := range late {
		a.items[i].at = now.Add(min(lateApart*time.Duration(n), lateSpan*time.Duration(n)/time.Duration(len(late))))
	}
	heap.Init(a)
	return a
}

// next returns when the next check is to start. The agenda must not be empty.
func (a *agenda) next() monitor.Instant { return a.items[0].at }

// take removes the next due time and returns it with its endpoint's index.
func (a *agenda) take() (endpoint int, at monitor.Instant) {
	top := &a.items[0]
	due := a.endpoints[top.endpoint].Due
	endpoint, at = top.endpoint, due.At(top.done)
	top.done++
	if top.done < due.Count {
		top.at = due.At(top.done)
		heap.Fix(a, 0)
	} else {
		heap.Pop(a)
	}
	return endpoint, at
}

// left counts the due times on the agenda.
func (a *agenda) left() int {
	count := 0
	for _, item := range a.items {
		count += a.endpoints[item.endpoint].Due.Count - item.done
	}
	return count
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (a *agenda) Len() int           { return len(a.items) }
func (a *agenda) Less(i, j int) bool { return a.items[i].at < a.items[j].at }
func (a *agenda) Swap(i, j int)      { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda) Push(x any)         { a.items = append(a.items, x.(item)) }
func (a *agenda) Pop() any {
	last := a.items[len(a.items)-1]
	a.items = a.items[:len(a.items)-1]
	return last
}
