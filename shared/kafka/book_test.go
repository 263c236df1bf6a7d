package kafka_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// emitters emit side by side, each the events of keys of its own.
const emitters = 8

// book keeps what was sent, what Kafka acknowledged and what was handled.
type book struct {
	mu      sync.Mutex
	sent    int
	acked   map[string]bool
	handled map[string]int
	last    map[string]int // highest number handled first, by emitter
	swapped int            // events first handled after a later one of their key
}

func newBook() *book {
	return &book{acked: map[string]bool{}, handled: map[string]int{}, last: map[string]int{}}
}

// handle is the function that consumes the load.
func (b *book) handle(_ context.Context, in events.Event, _ events.Emit) error {
	b.note(in.ID())
	return nil
}

// note keeps that an event was handled. Its ID is its key and its number.
func (b *book) note(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handled[id]++
	key, text, _ := strings.Cut(id, "-")
	number, _ := strconv.Atoi(text)
	if b.handled[id] > 1 {
		return
	}
	if number < b.last[key] {
		b.swapped++
	}
	b.last[key] = max(b.last[key], number)
}

func (b *book) count() (acked, handled int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.acked), len(b.handled)
}

// load emits until the test says that it is enough, each event until Kafka has
// acknowledged it, and returns once all emitters have ended.
func (b *book) load(t *testing.T, emit events.Emit) (enough func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var emitting sync.WaitGroup
	for emitter := range emitters {
		emitting.Go(func() {
			for number := 1; b.room(ctx); number++ {
				b.emit(t.Context(), emit, strconv.Itoa(emitter), number)
			}
		})
	}
	return func() {
		cancel()
		emitting.Wait()
	}
}

// room waits while too much is left to do, and reports whether ctx let it.
func (b *book) room(ctx context.Context) bool {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for ctx.Err() == nil {
		if acked, handled := b.count(); acked-handled < maxLeft {
			return true
		}
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
	return false
}

// maxLeft is how many events are left to do at most.
const maxLeft = 4000

func (b *book) emit(ctx context.Context, emit events.Emit, key string, number int) {
	e := event(fmt.Sprintf("%s-%d", key, number), key)
	b.mu.Lock()
	b.sent++
	b.mu.Unlock()
	for ctx.Err() == nil {
		if emit(ctx, e) == nil {
			b.mu.Lock()
			b.acked[e.ID()] = true
			b.mu.Unlock()
			return
		}
	}
}

// more waits until as many more events have been handled.
func (b *book) more(t *testing.T, events int) {
	t.Helper()
	_, before := b.count()
	until(t, fmt.Sprintf("%d more events", events), 3*patience, func() bool {
		_, now := b.count()
		return now >= before+events
	})
}

// lost returns the events that were acknowledged and not handled.
func (b *book) lost() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	lost := 0
	for id := range b.acked {
		if b.handled[id] == 0 {
			lost++
		}
	}
	return lost
}

// close waits until all is handled, prints the line of the fault, and fails the
// test where something is lost or out of order.
func (b *book) close(t *testing.T, fault string) {
	t.Helper()
	until(t, "the end of what is left", 3*patience, func() bool { return b.lost() == 0 })
	b.mu.Lock()
	defer b.mu.Unlock()
	repeated := 0
	for _, times := range b.handled {
		repeated += times - 1
	}
	fmt.Printf("fault: %-32s sent %6d, acknowledged %6d, handled %6d, repeated %5d, lost=0, out of order %d\n",
		fault, b.sent, len(b.acked), len(b.handled), repeated, b.swapped)
	if b.swapped > 0 {
		t.Errorf("got %d events of a key out of order, want none", b.swapped)
	}
	if len(b.acked) != b.sent {
		t.Errorf("got %d events acknowledged, want all %d", len(b.acked), b.sent)
	}
}
