package store_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func TestResults(t *testing.T) {
	t.Parallel()
	t.Run("are in the tail, as they came, once they are acknowledged", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		data := `{"shard":0,"location":"local","rows":[{"endpoint":"shop/cart","us":7,"due":1772366400000,"kind":"scheduled","outcome":"passed"}]}`
		if err := b.store.Handler()(t.Context(), received(t, data), b.emit); err != nil {
			t.Fatal(err)
		}
		tail := b.tail()
		if len(tail) != 1 || string(tail[0].Data) != data || tail[0].Arrived != noon {
			t.Errorf("got %+v, want the data, arrived at noon", tail)
		}
	})
	t.Run("are not acknowledged if the tail does not take them", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.store = b.start(refusing{b.records}, 1)
		err := b.store.Handler()(t.Context(), results(rows("p", 0)...), b.emit)
		if monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
	})
	t.Run("of a shard that is none, or that are no results, are invalid", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		for _, data := range []string{`{"shard":1,"location":"x","rows":[]}`, `{"shard":-1,"location":"x","rows":[]}`, `[]`, ``} {
			if code := monitor.CodeOf(b.store.Handler()(t.Context(), received(t, data), b.emit)); code != monitor.Invalid {
				t.Errorf("%s: got code %q, want invalid", data, code)
			}
		}
		tick := events.New(events.TypeShardTick, events.Head{ID: "x", Source: "schedule"}, &events.ShardTick{Shard: 1})
		if code := monitor.CodeOf(b.store.Handler()(t.Context(), tick, b.emit)); code != monitor.Invalid {
			t.Errorf("tick: got code %q, want invalid", code)
		}
	})
	t.Run("are counted", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.arrive(rows("ppp", 0)...)
		if got := b.metric("monitor_store_rows_total"); got != 3 {
			t.Errorf("got %v rows, want 3", got)
		}
	})
}

// refusing is a store whose tail takes nothing.
type refusing struct{ storage.Store }

func (refusing) AppendTail(context.Context, int, monitor.Instant, []byte) error {
	return monitor.Errorf(monitor.Unavailable, "the disk is full")
}

func TestRejectedRows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	good := `{"endpoint":"shop/cart","due":1772366400000,"kind":"scheduled","outcome":"passed","us":7}`
	data := `{"shard":0,"location":"local","rows":[` + good + `,{"endpoint":"shop/cart","due":0},{"endpoint":"shop/cart","due":1}]}`
	for range 2 {
		if err := b.store.Handler()(t.Context(), received(t, data), b.emit); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("go alone, each under an ID of its own that stays the same", func(t *testing.T) {
		if len(b.rejected) != 4 {
			t.Fatalf("got %d events, want 4", len(b.rejected))
		}
		ids := map[string]bool{}
		for _, e := range b.rejected {
			ids[e.ID()] = true
			row, err := events.Decode[events.RowRejected](e)
			if err != nil || e.Type() != events.TypeRowRejected || e.Key() != "0" || row.Reason == "" || len(row.Row) == 0 {
				t.Errorf("got %v with key %q, %+v and %v", e.Type(), e.Key(), row, err)
			}
		}
		if len(ids) != 2 {
			t.Errorf("got %d IDs, want 2", len(ids))
		}
	})
	t.Run("are not in the tail, the others are", func(t *testing.T) {
		for _, row := range b.tail() {
			if got, want := string(row.Data), `{"shard":0,"location":"local","rows":[`+good+`]}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
	t.Run("of which none is good leave the tail alone", func(t *testing.T) {
		before := len(b.tail())
		if err := b.store.Handler()(t.Context(), received(t, `{"shard":0,"location":"x","rows":[{}]}`), b.emit); err != nil {
			t.Fatal(err)
		}
		if after := len(b.tail()); after != before {
			t.Errorf("got %d events in the tail, want %d", after, before)
		}
	})
	t.Run("come from a clock that is wrong", func(t *testing.T) {
		b := newBench(t)
		event := results(append(rows("p", 0), rows("p", 601)...)...)
		if err := b.store.Handler()(t.Context(), event, b.emit); err != nil {
			t.Fatal(err)
		}
		if len(b.rejected) != 1 || len(b.tail()) != 1 {
			t.Errorf("got %d rejected, %d events kept, want one of each", len(b.rejected), len(b.tail()))
		}
	})
	t.Run("come from another shard", func(t *testing.T) {
		b := newBench(t)
		b.store = b.start(b.records, 64)
		if err := b.store.Handler()(t.Context(), results(rows("pp", 0)...), b.emit); err != nil {
			t.Fatal(err)
		}
		if len(b.rejected) != 2 || len(b.tail()) != 0 {
			t.Errorf("got %d rejected and %d events kept, want 2 and none", len(b.rejected), len(b.tail()))
		}
	})
}

func TestLag(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.arrive(rows("p", 0)...)
	b.store = b.start(b.records, 1)
	arrive := func(second int) error {
		b.advance(at(second))
		return b.store.Handler()(t.Context(), results(rows("p", second)...), b.emit)
	}
	t.Run("below ten minutes is no matter", func(t *testing.T) {
		if err := arrive(599); err != nil || b.log.Len() > 0 {
			t.Errorf("got %v and log %q, want nothing", err, b.log.String())
		}
	})
	t.Run("of ten minutes is warned of once a minute", func(t *testing.T) {
		for second := 600; second < 720; second += 10 {
			if err := arrive(second); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Count(b.log.String(), "results wait too long"); got != 2 {
			t.Errorf("got %d warnings in two minutes, want 2: %s", got, b.log.String())
		}
	})
	t.Run("of two slots is warned of where these are longer", func(t *testing.T) {
		b := newBench(t)
		b.slot = 7 * time.Minute
		b.arrive(rows("p", 0)...)
		b.store = b.start(b.records, 1)
		b.arrive(rows("p", 14*60-1)...)
		if got := b.log.String(); got != "" {
			t.Fatalf("got %q, want nothing: the tick before last may have come too soon", got)
		}
		b.arrive(rows("p", 14*60)...)
		if got := strings.Count(b.log.String(), "results wait too long"); got != 1 {
			t.Errorf("got %d warnings, want 1: %s", got, b.log.String())
		}
	})
	t.Run("is shown as a metric", func(t *testing.T) {
		if got := b.metric("monitor_store_fold_lag_seconds"); got != 710 {
			t.Errorf("got %v s, want 710", got)
		}
	})
	t.Run("of three hours has results refused until it is gone", func(t *testing.T) {
		hours := int(3 * time.Hour / time.Second)
		if err := arrive(hours - 1); err != nil {
			t.Fatal(err)
		}
		if err := arrive(hours); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
		b.fold()
		if err := arrive(hours); err != nil {
			t.Error(err)
		}
	})
	t.Run("ends without a tick, which may be queued behind the results", func(t *testing.T) {
		b := newBench(t)
		b.arrive(rows("p", 0)...)
		b.store = b.start(b.records, 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- b.store.Run(ctx) }()
		b.advance(at(8 * 60 * 60))
		for deadline := time.Now().Add(time.Minute); ; {
			err := b.store.Handler()(ctx, results(rows("p", 8*60*60)...), b.emit)
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %v for a minute, want the results taken once the shard is folded", err)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Run("that another process has worked off is not shown for long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.arrive(rows("p", 0)...)
			seen := b.registry
			if err := b.start(b.records, 1).Fold(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			b.registry = seen
			b.advance(at(400))
			if got := b.metric("monitor_store_fold_lag_seconds"); got != 400 {
				t.Fatalf("got %v s, want 400: nobody has told it otherwise", got)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- b.store.Run(ctx) }()
			time.Sleep(time.Minute + time.Second)
			if got := b.metric("monitor_store_fold_lag_seconds"); got != 0 {
				t.Errorf("got %v s, want none", got)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("that another process has worked off is none", func(t *testing.T) {
		b := newBench(t)
		b.arrive(rows("p", 0)...)
		if err := b.start(b.records, 1).Fold(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		b.arrive(rows("p", 4*60*60)...)
	})
}

func tick() events.Event {
	return events.New(events.TypeShardTick, events.Head{ID: "x", Source: "schedule", Key: "0"}, &events.ShardTick{Minute: at(60)})
}

func TestTick(t *testing.T) {
	t.Parallel()
	t.Run("is acknowledged once it is folded", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.arrive(rows("ppp", 0)...)
		if err := b.store.Handler()(t.Context(), tick(), b.emit); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows("ppp", 0), b.folded()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("is not acknowledged if it cannot be folded", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.arrive(rows("ppp", 0)...)
		b.store = b.start(stuck{b.records}, 1)
		if err := b.store.Handler()(t.Context(), tick(), b.emit); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
	})
}

func TestRun(t *testing.T) {
	t.Parallel()
	t.Run("folds what was ticked, while results go on coming in", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.arrive(rows("ppp", 0)...)
		held := held{Store: b.records, entered: make(chan struct{}), release: make(chan struct{})}
		b.store = b.start(held, 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- b.store.Run(ctx) }()
		go func() {
			for b.store.Handler()(ctx, tick(), b.emit) == nil && ctx.Err() == nil {
				continue
			}
		}()
		<-held.entered
		b.arrive(rows("p", 3)...)
		close(held.release)
		for deadline := time.Now().Add(time.Minute); len(b.folded()) < 4; {
			if time.Now().After(deadline) {
				t.Fatal("got no fold within a minute of the tick")
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("got %v at the end, want nothing", err)
		}
	})
	t.Run("logs a fold that failed, and goes on", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.arrive(rows("ppp", 0)...)
		b.store = b.start(stuck{b.records}, 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- b.store.Run(ctx) }()
		for deadline := time.Now().Add(time.Minute); b.metric("monitor_store_fold_failures_total") < 2; {
			_ = b.store.Handler()(t.Context(), tick(), b.emit)
			if time.Now().After(deadline) {
				t.Fatal("got no two failures within a minute")
			}
		}
		stop()
		if err := <-ended; err != nil || !strings.Contains(b.log.String(), "cannot fold") {
			t.Errorf("got %v and log %q, want a line about the fold", err, b.log.String())
		}
	})
}

// held is a store whose first commit of a fold waits.
type held struct {
	storage.Store
	entered, release chan struct{}
}

func (h held) CommitFold(ctx context.Context, fold storage.Fold) error {
	select {
	case h.entered <- struct{}{}:
	case <-h.release:
	}
	<-h.release
	return h.Store.CommitFold(ctx, fold)
}
