package alert_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func TestSilence(t *testing.T) {
	t.Parallel()
	t.Run("of three slots makes an endpoint unknown, back-dated, without an incident", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "ppp", 0)
		b.tick(31)
		if got := b.state().States; len(got) != 0 {
			t.Fatalf("got states %v after 29 s, want none", got)
		}
		b.tick(32)
		state := b.state().States["shop/cart"]
		if state.Health != monitor.Unknown || state.Since != at(2) || state.Reason != "no conclusive result for 30s" {
			t.Errorf("got %+v, want unknown since the last result", state)
		}
		if len(b.told) != 0 {
			t.Errorf("got %v told, want nothing", b.steps())
		}
		b.feed("shop/cart", "p", 40)
		if got := b.state().States["shop/cart"]; got.Health != monitor.Up || got.Since != at(40) {
			t.Errorf("got %+v, want up again with the first pass", got)
		}
	})
	t.Run("waits three intervals where those are longer", func(t *testing.T) {
		t.Parallel()
		slow := cart()
		slow.Interval = monitor.Duration(time.Minute)
		b := newBench(t, slow)
		b.feed("shop/cart", "p", 0)
		b.tick(179)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v after 179 s, want none", got)
		}
		b.tick(180)
		if got := b.state().States["shop/cart"].Health; got != monitor.Unknown {
			t.Errorf("got %q after 180 s, want unknown", got)
		}
	})
	t.Run("carries the reason of the newest check that saw nothing", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "pp", 0)
		b.feed("shop/cart", "uuuu", 2)
		b.tick(60)
		want := "no conclusive result for 30s: because of u"
		if got := b.state().States["shop/cart"].Reason; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("keeps an incident open, and two passes end it", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "ff", 0)
		b.tick(60)
		b.feed("shop/cart", "p", 61)
		want := []string{"opened down", "updated unknown"}
		if diff := cmp.Diff(want, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		b.feed("shop/cart", "p", 62)
		if diff := cmp.Diff(append(want, "resolved up"), b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("counts from the start of a process that has only just begun to listen", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "pp", 0)
		b.advance(at(3600))
		b.alert = b.start(b.store)
		b.tick(3600)
		b.tick(3629)
		if got := b.state().States; len(got) != 0 {
			t.Fatalf("got states %v, want none", got)
		}
		b.tick(3630)
		if got := b.state().States["shop/cart"].Health; got != monitor.Unknown {
			t.Errorf("got %q, want unknown", got)
		}
	})
	t.Run("counts anew when the endpoint is changed", func(t *testing.T) {
		t.Parallel()
		slow := cart()
		slow.Interval = monitor.Duration(time.Hour)
		b := newBench(t, slow)
		b.feed("shop/cart", "p", 0)
		b.tick(1800)
		b.define(monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{cart()}})
		b.tick(1820)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
	t.Run("is none while store has newer results than this process", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart(), endpoint("till"))
		b.feed("shop/cart", "p", 0)
		b.feed("shop/till", "p", 0)
		data := events.AppendResults(nil, &events.ProbeResults{Location: "local", Rows: rows("shop/cart", "pp", 50)})
		if err := b.store.AppendTail(t.Context(), 0, at(52), data); err != nil {
			t.Fatal(err)
		}
		latest := rows("shop/till", "p", 51)
		if err := b.store.CommitFold(t.Context(), storage.Fold{Latest: latest}); err != nil {
			t.Fatal(err)
		}
		b.tick(60)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
	t.Run("is none while store folds what it has newer", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		latest := rows("shop/cart", "p", 50)
		b.alert = b.start(&folding{Store: b.store, fold: sync.OnceValue(func() error {
			return b.store.CommitFold(t.Context(), storage.Fold{Latest: latest, Folded: 1, Drop: 1})
		})})
		b.feed("shop/cart", "p", 0)
		data := events.AppendResults(nil, &events.ProbeResults{Location: "local", Rows: latest})
		if err := b.store.AppendTail(t.Context(), 0, at(52), data); err != nil {
			t.Fatal(err)
		}
		b.tick(60)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
	t.Run("is not called on ticks that are worked on late", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "p", 0)
		b.advance(at(7200))
		b.tick(10)
		b.feed("shop/cart", "p", 20)
		b.tick(40)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
	t.Run("of an endpoint that was never seen is told from when it was first watched", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.tick(0)
		b.tick(60)
		if got := b.state().States["shop/cart"]; got.Health != monitor.Unknown || got.Since != at(0) {
			t.Errorf("got %+v, want unknown since the start", got)
		}
	})
}

// folding is a store that is folded as soon as its tail or its latest results are
// read.
type folding struct {
	storage.Store
	fold func() error
}

func (f *folding) TailRows(ctx context.Context, shard int, after int64, limit int) ([]storage.TailRow, error) {
	rows, err := f.Store.TailRows(ctx, shard, after, limit)
	return rows, errors.Join(err, f.fold())
}

func (f *folding) Latest(ctx context.Context, shard int) ([]monitor.Result, error) {
	latest, err := f.Store.Latest(ctx, shard)
	return latest, errors.Join(err, f.fold())
}

func TestTick(t *testing.T) {
	t.Parallel()
	t.Run("moves the mark, and never back", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		for _, second := range []int{60, 120, 60} {
			b.tick(second)
		}
		if got, want := b.state().Decided, at(110); got != want {
			t.Errorf("got %v, want %v", got.Time(), want.Time())
		}
	})
	t.Run("does not trust a tick from the future", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		if err := b.alert.Handler()(t.Context(), tick(3600), b.emit); err != nil {
			t.Fatal(err)
		}
		if got, want := b.state().Decided, at(-10); got != want {
			t.Errorf("got %v, want %v", got.Time(), want.Time())
		}
	})
	t.Run("forgets an endpoint that has been well for an hour of results", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "fp", 0)
		b.feed("shop/cart", "p", 3600)
		b.tick(3601)
		if got := b.state().States; len(got) != 1 {
			t.Fatalf("got %d states just before the hour, want 1", len(got))
		}
		b.feed("shop/cart", "p", 3602)
		b.tick(3603)
		if got := b.state().States; len(got) != 0 {
			t.Errorf("got states %v, want none", got)
		}
	})
	t.Run("of a shard that is none is invalid", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		for _, shard := range []int{-1, 1} {
			e := events.New(events.TypeShardTick, events.Head{ID: "x", Source: "schedule"}, &events.ShardTick{Shard: shard})
			if code := monitor.CodeOf(b.alert.Handler()(t.Context(), e, b.emit)); code != monitor.Invalid {
				t.Errorf("shard %d: got code %q, want invalid", shard, code)
			}
		}
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	b := newBench(t, cart())
	arrive := func(letters string, second int) {
		t.Helper()
		data := events.AppendResults(nil, &events.ProbeResults{Location: "local", Rows: rows("shop/cart", letters, second)})
		if err := b.store.AppendTail(t.Context(), 0, at(second+len(letters)), data); err != nil {
			t.Fatal(err)
		}
	}
	arrive("ff", 0)
	b.tick(60)
	arrive("f", 49)
	arrive("f", 50)
	b.advance(at(70))
	b.alert = b.start(b.store)
	if err := b.alert.Replay(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("decides on what arrived behind the mark, and on nothing before it", func(t *testing.T) {
		state := b.state().States["shop/cart"]
		if state.Health != monitor.Down || state.Bad.Count != 2 || state.Since != at(49) {
			t.Errorf("got %+v, want down since the first row behind the mark", state)
		}
	})
	t.Run("tells it with the next event, once", func(t *testing.T) {
		b.feed("shop/cart", "f", 60)
		if err := b.alert.Replay(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.feed("shop/cart", "f", 61)
		if diff := cmp.Diff([]string{"opened down"}, b.steps()); diff != "" || len(b.told) != 1 {
			t.Errorf("got %d told; want -, got +:\n%s", len(b.told), diff)
		}
	})
}
