package store_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// tickAt hands over a tick at a second, and returns how many results are folded then.
func (b *bench) tickAt(second int) int {
	b.Helper()
	b.advance(at(second))
	if err := b.store.Handler()(b.Context(), tick(), b.emit); err != nil {
		b.Fatalf("tick: %v", err)
	}
	return len(b.folded())
}

func newPatientBench(t *testing.T, after time.Duration) *bench {
	t.Helper()
	b := newBench(t)
	b.after = after
	b.store = b.start(b.records, 1)
	return b
}

// manyRows makes results 10 ms apart.
func manyRows(count int) []monitor.Result {
	many := make([]monitor.Result, count)
	for i := range many {
		many[i] = rows("p", 0)[0]
		many[i].Due = many[i].Due.Add(time.Duration(i) * 10 * time.Millisecond)
		many[i].Start = many[i].Due
	}
	return many
}

func (b *bench) arriveMany(many []monitor.Result) {
	b.Helper()
	for some := range slices.Chunk(many, events.MaxRows) {
		b.arrive(some...)
	}
}

func TestFoldAfter(t *testing.T) {
	t.Parallel()
	t.Run("a fold waits until the oldest result would wait for too long", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.arrive(rows("p", 10)...)
		b.arrive(rows("p", 200)...)
		for second := 60; second <= 240; second += 60 {
			if got := b.tickAt(second); got != 0 {
				t.Fatalf("after %d s %d results are folded, want none", second, got)
			}
		}
		if got := b.tickAt(300); got != 2 {
			t.Errorf("after 300 s %d results are folded, want both", got)
		}
		b.arrive(rows("p", 301)...)
		if got := b.tickAt(360); got != 2 {
			t.Errorf("a minute later %d results are folded, want the same two", got)
		}
	})
	t.Run("up to a minute every tick folds", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, time.Minute)
		b.arrive(rows("p", 59)...)
		if got := b.tickAt(60); got != 1 {
			t.Errorf("got %d results folded, want 1", got)
		}
	})
	t.Run("many results are folded by the next tick, and counted anew then", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		many := manyRows(4096)
		b.arriveMany(many[:4095])
		if got := b.tickAt(60); got != 0 {
			t.Fatalf("got %d results folded of 4,095, want none", got)
		}
		b.arrive(many[4095])
		if got := b.tickAt(120); got != 4096 {
			t.Fatalf("got %d results folded of 4,096, want all", got)
		}
		b.arrive(rows("p", 121)...)
		if got := b.tickAt(180); got != 4096 {
			t.Errorf("got %d results folded of one more, want the same", got)
		}
	})
	t.Run("what is folded leaves the tail once it is decided on, though nothing comes behind it", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.arrive(rows("p", 10)...)
		if folded, kept := b.tickAt(300), len(b.tail()); folded != 1 || kept != 1 {
			t.Fatalf("got %d results folded and %d events in the tail, want one each: it is not decided on", folded, kept)
		}
		b.decided(at(300))
		b.tickAt(360)
		if got := len(b.tail()); got != 0 {
			t.Errorf("got %d events in the tail, want none", got)
		}
	})
	t.Run("results that another process has folded are many no more", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		many := manyRows(4096)
		b.arriveMany(many[:4000])
		if err := b.start(b.records, 1).Fold(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		b.tickAt(60)
		b.arriveMany(many[4000:])
		if got := b.tickAt(120); got != 4000 {
			t.Errorf("got %d results folded, want the 4,000 of before", got)
		}
	})
	t.Run("what others appended, or this process before its start, waits no longer", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.tickAt(1)
		other := b.start(b.records, 1)
		if err := other.Handler()(t.Context(), results(rows("p", 1)...), b.emit); err != nil {
			t.Fatal(err)
		}
		if got := b.tickAt(240); got != 0 {
			t.Fatalf("after 4 minutes %d results are folded, want none", got)
		}
		if got := b.tickAt(300); got != 1 {
			t.Errorf("after 5 minutes %d results are folded, want 1", got)
		}
	})
	t.Run("slots longer than a minute add nothing to the wait", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.slot = 2 * time.Minute
		b.store = b.start(b.records, 1)
		b.arrive(rows("p", 0)...)
		if got := b.tickAt(120); got != 0 {
			t.Fatalf("after 2 minutes %d results are folded, want none: the next tick is soon enough", got)
		}
		if got := b.tickAt(240); got != 1 {
			t.Errorf("after 4 minutes %d results are folded, want 1: by the next tick it would be 6", got)
		}
	})
	t.Run("slots longer than the wait fold each time", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.slot = 6 * time.Minute
		b.store = b.start(b.records, 1)
		b.arrive(rows("p", 359)...)
		if got := b.tickAt(360); got != 1 {
			t.Errorf("got %d results folded, want 1", got)
		}
	})
	t.Run("a clock that was set back lets nothing wait", func(t *testing.T) {
		t.Parallel()
		b := newPatientBench(t, 5*time.Minute)
		b.arrive(rows("p", 3600)...)
		b.now = at(60)
		if got := b.tickAt(60); got != 1 {
			t.Errorf("got %d results folded, want 1", got)
		}
	})
	t.Run("Run folds no sooner and no later", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := newPatientBench(t, 5*time.Minute)
			b.arrive(rows("p", 0)...)
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- b.store.Run(ctx) }()
			synctest.Wait()
			b.tickAt(240)
			time.Sleep(time.Second)
			early := len(b.folded())
			b.tickAt(241)
			time.Sleep(time.Second)
			if late := len(b.folded()); early != 0 || late != 1 {
				t.Errorf("got %d results folded after 240 s and %d after 241 s, want none and 1", early, late)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		after time.Duration
		wrong bool
	}{
		"each minute":     {0, false},
		"five minutes":    {5 * time.Minute, false},
		"less than none":  {-time.Second, true},
		"longer than all": {5*time.Minute + time.Second, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := (store.Settings{FoldAfter: test.after}).Check(); (monitor.CodeOf(err) == monitor.Invalid) != test.wrong {
				t.Errorf("got %v, want an Invalid error: %t", err, test.wrong)
			}
		})
	}
}
