package couchbase

import (
	"context"
	"maps"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// tails is what this process knows of the tails of all shards.
type tails struct {
	mu   sync.Mutex
	each map[int]*tail
}

func (t *tails) of(shard int) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.each == nil {
		t.each = map[int]*tail{}
	}
	if t.each[shard] == nil {
		t.each[shard] = &tail{turn: make(chan struct{}, 1), arrived: map[int64]monitor.Instant{}}
	}
	return t.each[shard]
}

// tail is what this process knows of one shard's tail. Others may have written and
// removed more.
type tail struct {
	turn chan struct{} // holds a token while a row is appended

	mu      sync.Mutex
	next    int64                     // the first number that is free; 0: not known
	dropped int64                     // rows up to here are not remembered
	arrived map[int64]monitor.Instant // when rows arrived
	left    []string                  // keys of rows that could not be removed
}

// begin waits for the turn to append.
func (t *tail) begin(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the store was not waited for")
	}
}

func (t *tail) end() { <-t.turn }

// nextNumber returns the first number that is free; 0: not known.
func (t *tail) nextNumber() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next
}

// ends notes that row n is there.
func (t *tail) ends(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next = max(t.next, n+1)
}

// restart has the end of the tail looked for anew.
func (t *tail) restart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next = 0
}

// saw notes when row n arrived.
func (t *tail) saw(n int64, arrived monitor.Instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n > t.dropped {
		t.arrived[n] = arrived
	}
	if t.next != 0 {
		t.next = max(t.next, n+1)
	}
}

func (t *tail) arrivedAt(n int64) (monitor.Instant, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	arrived, known := t.arrived[n]
	return arrived, known
}

func (t *tail) knows(n int64) bool {
	_, known := t.arrivedAt(n)
	return known
}

// early returns the last of the rows behind after that are known, one after the
// other, to have arrived before the instant.
func (t *tail) early(after int64, before monitor.Instant) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		arrived, known := t.arrived[after+1]
		if !known || arrived >= before {
			return after
		}
		after++
	}
}

// page returns how many rows to read behind row last: those that are known to be
// there and one more, or room, where nobody knows yet how many there are.
func (t *tail) page(last int64, room int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == 0 {
		return room
	}
	if last < t.dropped {
		return 1 // the next one is known to be gone
	}
	return int(min(max(t.next-last, 1), tailPage))
}

// forget forgets rows that have left the tail.
func (t *tail) forget(dropped int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if dropped <= t.dropped {
		return
	}
	t.dropped = dropped
	maps.DeleteFunc(t.arrived, func(n int64, _ monitor.Instant) bool { return n <= dropped })
}

// leave notes the keys of rows that could not be removed.
func (t *tail) leave(keys []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left = append(t.left, keys...)
}

// takeLeft returns the keys of rows that could not be removed, and forgets them.
func (t *tail) takeLeft() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.left
	t.left = nil
	return left
}
