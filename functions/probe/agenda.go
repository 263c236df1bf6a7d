package probe

import (
	"container/heap"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// agenda holds the due times that are still to come, the earliest first.
type agenda struct {
	endpoints []events.DueEndpoint
	items     []item
}

type item struct {
	at       monitor.Instant
	endpoint int
	done     int // due times of the endpoint that lie behind
}

func newAgenda(endpoints []events.DueEndpoint) *agenda {
	a := &agenda{endpoints: endpoints, items: make([]item, 0, len(endpoints))}
	for i := range endpoints {
		if endpoints[i].Due.Count > 0 {
			a.items = append(a.items, item{at: endpoints[i].Due.First, endpoint: i})
		}
	}
	heap.Init(a)
	return a
}

// next returns the earliest due time. The agenda must not be empty.
func (a *agenda) next() monitor.Instant { return a.items[0].at }

// take removes the earliest due time and returns it with its endpoint's index.
func (a *agenda) take() (endpoint int, at monitor.Instant) {
	top := &a.items[0]
	endpoint, at = top.endpoint, top.at
	top.done++
	if due := a.endpoints[endpoint].Due; top.done < due.Count {
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
