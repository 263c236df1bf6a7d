package alert_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestHeld has a host that hands over again what alert is unavailable for: alert
// tells it so, and remembers nothing.
func TestHeld(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]events.Event{
		"results":                        results(rows("shop/cart", "pp", 30)...),
		"a tick, with the endpoint gone": tick(60),
	} {
		t.Run("what cannot be decided on for now is given back: "+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, cart())
			b.held = true
			store := &broken{Store: b.store}
			b.alert = b.start(store)
			b.feed("shop/cart", "ff", 0)
			if e.Type() == events.TypeShardTick {
				b.define(monitor.CatalogChange{DeleteEndpoints: []string{"shop/cart"}})
			}
			b.advance(timeOf(e))
			store.is = true
			if err := b.alert.Handler()(t.Context(), e, b.emit); !errors.Is(err, monitor.Unavailable) {
				t.Fatalf("got %v, want unavailable", err)
			}
			store.is = false
			b.handle(results())
			if diff := cmp.Diff([]string{"opened down"}, b.steps()); diff != "" {
				t.Fatalf("the host has what is to be decided, but told (-want +got):\n%s", diff)
			}
			b.alert = b.start(b.store)
			b.handle(e)
			if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" || len(b.told) != 2 {
				t.Errorf("told %d times by both processes (-want +got):\n%s", len(b.told), diff)
			}
		})
	}
	t.Run("a change that nobody takes is not waited for", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.held = true
		refuse := func(context.Context, ...events.Event) error {
			return monitor.Errorf(monitor.Unavailable, "the broker is away")
		}
		e := results(rows("shop/cart", "ff", 0)...)
		b.advance(timeOf(e))
		if err := b.start(b.store).Handler()(t.Context(), e, refuse); err != nil {
			t.Fatalf("got %v, want nil: the outbox has the change", err)
		}
		if err := b.start(b.store).Handler()(t.Context(), tick(5), b.emit); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"opened down"}, b.steps()); diff != "" {
			t.Errorf("told by the next process (-want +got):\n%s", diff)
		}
	})
}

// TestHeldMoves has any write fail, before it is done or after. The shard then
// goes to another process, which gets the event again and, now and then, those
// before it: both decide as one would, though nothing ever was in the tail.
func TestHeldMoves(t *testing.T) {
	t.Parallel()
	smooth := newBench(t, cart(), endpoint("till"))
	smooth.play(script(), nil, false, 0)
	for _, after := range []bool{false, true} {
		t.Run("a write that fails "+map[bool]string{false: "before", true: "after"}[after]+" it is done", func(t *testing.T) {
			t.Parallel()
			for fault, failed := 1, true; failed; fault++ {
				b := newBench(t, cart(), endpoint("till"))
				b.held = true
				store := &crashing{Store: b.store, emit: b.emit, left: fault, after: after, survive: true}
				b.share(store, append(script(), tick(40)), fault%3)
				b.check(smooth.saga(), fault)
				failed = store.left <= 0
			}
		})
	}
}

// share has two processes handle events. Where one fails, the other goes on,
// from as many events back as again says.
func (b *bench) share(store *crashing, script []events.Event, again int) {
	b.Helper()
	processes := []events.Handler{b.start(store).Handler(), b.start(store).Handler()}
	for next, turn, failures := 0, 0, 0; next < len(script); {
		b.advance(timeOf(script[next]))
		if processes[turn](b.Context(), script[next], store.Emit) == nil {
			next++
			continue
		}
		turn, next = 1-turn, max(next-again, 0)
		if failures++; failures > 1 {
			b.Fatalf("one write failed, and so did %d events", failures)
		}
	}
}
