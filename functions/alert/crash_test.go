package alert_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// crashing is a store and an emitter that end the process at one of the writes:
// before it is done, or after, when nobody learns that it is.
type crashing struct {
	storage.Store
	emit    events.Emit
	left    int // writes until the crash
	after   bool
	survive bool // the write fails, but the process goes on
}

func (c *crashing) write(do func() error) error {
	c.left--
	switch {
	case c.left < 0 && !c.survive:
		return monitor.Errorf(monitor.Unavailable, "the process has ended")
	case c.left != 0:
		return do()
	case c.after:
		_ = do()
	}
	return monitor.Errorf(monitor.Unavailable, "the process ends here")
}

func (c *crashing) SaveShardState(ctx context.Context, state monitor.ShardState) (revision int64, err error) {
	err = c.write(func() error {
		revision, err = c.Store.SaveShardState(ctx, state)
		return err
	})
	return revision, err
}

func (c *crashing) PutIncident(ctx context.Context, incident monitor.Incident) error {
	return c.write(func() error { return c.Store.PutIncident(ctx, incident) })
}

func (c *crashing) Emit(ctx context.Context, out ...events.Event) error {
	return c.write(func() error { return c.emit(ctx, out...) })
}

// script is two outages of two endpoints, with ticks in between.
func script() []events.Event {
	var out []events.Event
	cart, till := "ppffffpppfpffpp", "pfpfffdddppppfp"
	for i := range cart {
		both := append(rows("shop/cart", cart[i:i+1], i), rows("shop/till", till[i:i+1], i)...)
		out = append(out, results(both...))
		if i%4 == 3 {
			out = append(out, tick(i))
		}
	}
	return append(out, tick(20), tick(30))
}

// play delivers the script, with a crash at each of the given writes counted
// from the crash before; after a crash a new process is given all that was not
// acknowledged, and as many events before that as again says. It tells whether
// there was a crash.
func (b *bench) play(script []events.Event, crashes []int, after bool, again int) (crashed bool) {
	b.Helper()
	for next := 0; next < len(script); {
		store := &crashing{Store: b.store, emit: b.emit, left: 1 << 30, after: after}
		if len(crashes) > 0 {
			store.left, crashes = crashes[0], crashes[1:]
		}
		begun := b.start(store)
		process := begun.Handler()
		if err := begun.Replay(b.Context()); err != nil && store.left > 0 {
			b.Fatalf("replay: %v", err)
		}
		for next < len(script) && store.left > 0 {
			b.arrived(script[next])
			if process(b.Context(), script[next], store.Emit) == nil {
				next++
			}
		}
		if store.left <= 0 {
			next, crashed = max(next-again, 0), true
		}
	}
	b.settle()
	return crashed
}

// settle is the tick that comes after all, to a process that lives: what the
// last crash has left is done with it.
func (b *bench) settle() {
	b.Helper()
	last := b.start(b.store)
	if err := errors.Join(last.Replay(b.Context()), last.Handler()(b.Context(), tick(40), b.emit)); err != nil {
		b.Fatal(err)
	}
}

// saga returns what was told of each incident, each change once, in order.
func (b *bench) saga() map[string][]string {
	saga, seen := map[string][]string{}, map[string]bool{}
	for _, c := range b.told {
		step := string(c.Change) + " " + strconv.FormatInt(int64(c.Transition.At-noon), 10)
		if !seen[c.ID()] {
			saga[c.Incident.ID] = append(saga[c.Incident.ID], step)
		}
		seen[c.ID()] = true
	}
	return saga
}

func TestCrash(t *testing.T) {
	t.Parallel()
	smooth := newBench(t, cart(), endpoint("till"))
	smooth.play(script(), nil, false, 0)
	want := smooth.saga()
	if len(want) != 3 {
		t.Fatalf("got %d incidents without a crash, want 3: %v", len(want), want)
	}
	for _, after := range []bool{false, true} {
		t.Run("at any write, "+map[bool]string{false: "before", true: "after"}[after]+" it is done, loses nothing and tells nothing new", func(t *testing.T) {
			t.Parallel()
			for crash := 1; ; crash++ {
				b := newBench(t, cart(), endpoint("till"))
				if !b.play(script(), []int{crash}, after, crash%2) {
					break
				}
				b.check(want, crash)
			}
		})
	}
	t.Run("again and again, with results that come again", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			crashes := rapid.SliceOfN(rapid.IntRange(1, 12), 0, 8).Draw(r, "crashes")
			b := newBench(t, cart(), endpoint("till"))
			b.play(script(), crashes, rapid.Bool().Draw(r, "after"), rapid.SampledFrom([]int{0, 1, 3, 15}).Draw(r, "again"))
			b.check(want, crashes)
			if t.Failed() {
				r.Fatal("see above")
			}
		})
	})
}

// TestSurvive is TestCrash for a process that goes on, and that trusts what it
// remembers.
func TestSurvive(t *testing.T) {
	t.Parallel()
	smooth := newBench(t, cart(), endpoint("till"))
	smooth.play(script(), nil, false, 0)
	for _, after := range []bool{false, true} {
		t.Run("a write that fails "+map[bool]string{false: "before", true: "after"}[after]+" it is done", func(t *testing.T) {
			t.Parallel()
			for fault, failed := 1, true; failed; fault++ {
				b := newBench(t, cart(), endpoint("till"))
				b.sole = true
				store := &crashing{Store: b.store, emit: b.emit, left: fault, after: after, survive: true}
				process := b.start(store).Handler()
				for _, e := range script() {
					b.arrived(e)
					for tries := 0; process(t.Context(), e, store.Emit) != nil; tries++ {
						if tries == 3 {
							t.Fatalf("write %d failed once, and %s fails for good", fault, e.ID())
						}
					}
				}
				b.check(smooth.saga(), fault)
				failed = store.left <= 0
			}
		})
	}
}

func (b *bench) check(want map[string][]string, crash any) {
	b.Helper()
	if diff := cmp.Diff(want, b.saga()); diff != "" {
		b.Errorf("crash at write %v: want -, got +:\n%s", crash, diff)
	}
	state := b.state()
	if len(state.Outbox) != 0 {
		b.Errorf("crash at write %v: got %d entries left in the outbox", crash, len(state.Outbox))
	}
	open, err := b.store.Incidents(b.Context(), storage.IncidentFilter{Open: true, Limit: 10})
	if err != nil || len(open) != 0 {
		b.Errorf("crash at write %v: got %d open incidents and %v, want none", crash, len(open), err)
	}
}

func TestOutboxWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t, cart())
	refuse := func(context.Context, ...events.Event) error {
		return monitor.Errorf(monitor.Unavailable, "notify is away")
	}
	for _, e := range []events.Event{results(rows("shop/cart", "ff", 0)...), results(rows("shop/cart", "pp", 2)...)} {
		if err := b.alert.Handler()(t.Context(), e, refuse); err != nil {
			t.Errorf("got %v, want results acknowledged whatever notify does", err)
		}
	}
	if len(b.told) != 0 || len(b.state().Outbox) != 2 {
		t.Fatalf("got %d told and %d waiting, want 0 and 2", len(b.told), len(b.state().Outbox))
	}
	shown, err := b.store.Incident(t.Context(), b.state().Outbox[0].Incident.ID)
	if err != nil || shown.Ended != at(2) {
		t.Errorf("got incident %+v and error %v, want it stored and ended, though nobody was told", shown, err)
	}
	b.alert = b.start(b.store)
	b.tick(10)
	if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	smooth := newBench(t, cart(), endpoint("till"))
	smooth.play(script(), nil, false, 0)
	t.Run("that take turns decide as one does", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart(), endpoint("till"))
		both := []*alert.Alert{b.start(b.store), b.start(b.store)}
		for i, e := range script() {
			b.alert = both[i%2]
			b.handle(e)
		}
		b.check(smooth.saga(), "none")
	})
	t.Run("of which one sees passes alone end an outage", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		one, other := b.alert, b.start(b.store)
		b.feed("shop/cart", "p", 0)
		b.alert = other
		b.feed("shop/cart", "ff", 1)
		b.alert = one
		b.feed("shop/cart", "pp", 3)
		if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("that get each event at once decide as one does", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart(), endpoint("till"))
		both := []events.Handler{b.start(b.store).Handler(), b.start(b.store).Handler()}
		for _, e := range script() {
			b.advance(timeOf(e))
			var group sync.WaitGroup
			for _, handle := range both {
				group.Go(func() {
					for handle(t.Context(), e, b.emit) != nil {
						continue
					}
				})
			}
			group.Wait()
		}
		b.check(smooth.saga(), "none")
	})
}
