package alert_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// TestDeadLetters is about a broker that has acknowledged what it could not
// deliver.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	bury := func(context.Context, ...events.Event) error { return nil }
	expiry := int(monitor.NoticeExpiry / time.Second)
	t.Run("a change that notify never kept is told with each tick until it has", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		handle := b.alert.Handler()
		for _, e := range []events.Event{results(rows("shop/cart", "ff", 0)...), tick(5), results(rows("shop/cart", "pp", 6)...), tick(10)} {
			b.advance(timeOf(e))
			if err := handle(t.Context(), e, bury); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(b.state().Outbox); got != 2 {
			t.Fatalf("got %d changes in the outbox, want 2: nobody knows of them", got)
		}
		b.tick(15)
		b.tick(20)
		if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" || len(b.told) != 2 {
			t.Errorf("told %d times (-want +got):\n%s", len(b.told), diff)
		}
		if got := len(b.state().Outbox); got != 0 {
			t.Errorf("got %d changes left in the outbox, want none", got)
		}
	})
	t.Run("the next change of an endpoint waits for the one before it", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		var told []string
		note := func(_ context.Context, out ...events.Event) error {
			for _, e := range out {
				change, _ := events.Decode[events.IncidentChanged](e)
				told = append(told, string(change.Change))
			}
			return nil
		}
		for second, letters := range []string{"ff", "", "pp"} {
			if err := b.alert.Handler()(t.Context(), results(rows("shop/cart", letters, second)...), note); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"opened"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
	t.Run("a change that notify can never keep is given up when a notice of it would be, and the next one told", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		deaf := func(ctx context.Context, out ...events.Event) error { // to what opens an incident
			for _, e := range out {
				if change, _ := events.Decode[events.IncidentChanged](e); change.Change == monitor.Opened {
					continue
				}
				if err := b.emit(ctx, e); err != nil {
					return err
				}
			}
			return nil
		}
		give := func(e events.Event, to events.Emit) {
			b.advance(timeOf(e))
			if err := b.alert.Handler()(t.Context(), e, to); err != nil {
				t.Fatal(err)
			}
		}
		give(results(rows("shop/cart", "ff", 0)...), deaf)
		give(results(rows("shop/cart", "pp", 2)...), deaf)
		give(tick(expiry), deaf)
		if got := len(b.state().Outbox); got != 2 || len(b.told) != 0 {
			t.Fatalf("got %d changes in the outbox and %v told, want 2 and none: there is time left", got, b.steps())
		}
		give(tick(expiry+60), func(context.Context, ...events.Event) error {
			return monitor.Errorf(monitor.Unavailable, "notify is away")
		})
		if got := len(b.state().Outbox); got != 2 {
			t.Fatalf("got %d changes in the outbox, want 2: nothing is given up untold", got)
		}
		give(tick(expiry+120), deaf)
		if diff := cmp.Diff([]string{"resolved up"}, b.steps()); diff != "" || len(b.state().Outbox) != 0 {
			t.Errorf("got %d changes left in the outbox, told (-want +got):\n%s", len(b.state().Outbox), diff)
		}
		if got := b.counted("monitor_alert_given_up_changes_total"); got != 1 {
			t.Errorf("got %v changes counted as given up, want 1", got)
		}
	})
	t.Run("a change that notify can keep at last is told, however late", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		for _, e := range []events.Event{results(rows("shop/cart", "ff", 0)...), tick(expiry - 60)} {
			b.advance(timeOf(e))
			if err := b.alert.Handler()(t.Context(), e, bury); err != nil {
				t.Fatal(err)
			}
		}
		b.tick(expiry + 60)
		if diff := cmp.Diff([]string{"opened down", "updated unknown"}, b.steps()); diff != "" || b.counted("monitor_alert_given_up_changes_total") != 0 {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
	t.Run("a channel that does not hear of a change is not waited for", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.define(monitor.CatalogChange{PutChannels: []monitor.Channel{{Namespace: "shop", Name: "oncall", Webhook: &monitor.Webhook{URL: "https://hook.example"}}}})
		deaf := func(ctx context.Context, out ...events.Event) error {
			for _, e := range out {
				change, _ := events.Decode[events.IncidentChanged](e)
				if change.Change == monitor.Updated {
					continue
				}
				if err := b.emit(ctx, e); err != nil {
					return err
				}
			}
			return nil
		}
		for _, e := range []events.Event{results(rows("shop/cart", "ff", 0)...), tick(40), tick(50)} {
			b.advance(timeOf(e))
			if err := b.alert.Handler()(t.Context(), e, deaf); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(b.state().Outbox); got != 0 {
			t.Errorf("got %d changes left in the outbox, want none", got)
		}
	})
}

// TestSlowNotify is about a notify that takes an event and does not answer.
func TestSlowNotify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, cart())
		hang := func(ctx context.Context, _ ...events.Event) error {
			<-ctx.Done()
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "not acknowledged in time")
		}
		begun := time.Now()
		for second := range 60 {
			letters := "f"
			if err := b.alert.Handler()(t.Context(), results(rows("shop/cart", letters, second)...), hang); err != nil {
				t.Fatal(err)
			}
			b.advance(at(second + 1))
		}
		if held := time.Since(begun); held > time.Minute {
			t.Errorf("a minute of results was held up for %s, want less than a minute", held)
		}
		if health := b.state().States["shop/cart"].Health; health != monitor.Down {
			t.Errorf("got %s, want down: decisions do not wait for notify", health)
		}
	})
}

// broken is a store in which no decision can be saved while it is.
type broken struct {
	storage.Store
	is bool
}

func (s *broken) SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error) {
	if s.is {
		return 0, monitor.Errorf(monitor.Unavailable, "the disk is away")
	}
	return s.Store.SaveShardState(ctx, state)
}

// TestAway has results that alert could not decide on when they came.
func TestAway(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]events.Event{
		"catches up with the next results, before it decides on them": results(rows("shop/cart", "p", 7300)...),
		"catches up with the next tick, before it moves the mark":     tick(7300),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, cart())
			store := &broken{Store: b.store}
			b.alert = b.start(store)
			b.feed("shop/cart", "p", 0)
			b.tick(20)
			store.is = true
			for i, letters := range []string{"fff", "ppp", "ffff", "ppp"} {
				e := results(rows("shop/cart", letters, 60+1200*i)...)
				b.arrived(e)
				b.handle(e)
			}
			store.is = false
			b.handle(next)
			want := []string{"opened down", "resolved up", "opened down", "resolved up"}
			if diff := cmp.Diff(want, b.steps()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAwayTogether has storage come back while store still waits for its next
// try: alert sees the shard's next event before the tail has what it missed.
func TestAwayTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t, cart())
	store := &broken{Store: b.store}
	b.alert = b.start(store)
	b.feed("shop/cart", "p", 0)
	b.tick(20)
	store.is = true
	missed := results(rows("shop/cart", "ff", 30)...)
	b.handle(missed)
	store.is = false
	b.tick(40)
	b.arrived(missed)
	b.feed("shop/cart", "pp", 50)
	if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// arrived has store keep an event, at the time when it comes.
func (b *bench) arrived(e events.Event) {
	b.Helper()
	b.advance(timeOf(e))
	if e.Type() != events.TypeProbeResults {
		return
	}
	data, err := e.Encoded()
	if err == nil {
		err = b.store.AppendTail(b.Context(), 0, timeOf(e), data)
	}
	if err != nil {
		b.Fatal(fmt.Errorf("append to the tail: %w", err))
	}
}
