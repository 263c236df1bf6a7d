package notify_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestFailures(t *testing.T) {
	t.Parallel()

	t.Run("after an hour without a provider everything arrives, in order, once", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			for minute := range 60 {
				incident := fmt.Sprintf("incident%d", minute/6)
				if minute%6 == 0 {
					p.tell(change(incident, 1, "oncall", "hook"))
				}
				if minute%6 == 3 {
					p.tell(change(incident, 2, "oncall", "hook"))
				}
				p.tick()
				pass(time.Minute)
			}
			wantList(t, w.deliveries())
			w.answers(nil)
			pass(6 * time.Minute)
			got := w.deliveries()
			if len(got) != 40 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 40 {
				t.Fatalf("got %d deliveries, want each of 40 once: %v", len(got), got)
			}
			wantOrder(t, got)
			if p.metric("monitor_notices_repeated_total") != 0 || p.metric("monitor_notices_given_up_total") != 0 {
				t.Error("got repeats or notices given up, want none")
			}
		})
	})

	t.Run("a channel that works again is told at once what waits for it", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			for _, incident := range []string{"d", "b", "a", "c"} {
				p.tell(change(incident, 1, "hook"))
				pass(time.Minute)
			}
			pass(time.Hour)
			w.answers(nil)
			for len(w.deliveries()) == 0 {
				pass(time.Second)
			}
			pass(time.Second)
			if got := w.deliveries(); len(got) != 4 {
				t.Fatalf("got %v within a second of the first, want all four", got)
			}
			rest := w.deliveries()[1:]
			order := slices.DeleteFunc([]string{"d-1 hook", "b-1 hook", "a-1 hook", "c-1 hook"}, func(n string) bool { return n == w.deliveries()[0] })
			wantList(t, rest, order...)
		})
	})

	t.Run("a failure is recorded and tried again after a growing wait", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			p.tell(change("a", 1, "hook"))
			pass(500 * time.Millisecond)
			p.tell(change("b", 1, "hook"))
			pass(7500 * time.Millisecond)
			for notice, since := range map[string]time.Duration{"a-1 hook": 0, "b-1 hook": 500 * time.Millisecond} {
				want := []time.Duration{since, since + time.Second, since + 3*time.Second, since + 7*time.Second}
				if diff := cmp.Diff(want, w.attempts(notice)); diff != "" {
					t.Error(diff)
				}
			}
			n := w.stored("a", 1, "hook")
			if n.Error != "the provider is down" || !n.Pending() || n.Lease != 0 || n.NextTry != monitor.At(epoch().Add(15*time.Second)) {
				t.Errorf("got %+v, want a pending one with the error, due again at 15s", n)
			}
			if p.metric("monitor_notices_failed_total") != 8 || p.metric("monitor_notices_pending") != 2 {
				t.Error("got other metrics than eight failures and two pending")
			}
		})
	})

	t.Run("a provider that asks for a pause is left alone, and the others are not", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(_ context.Context, n monitor.Notice) error {
				if n.Channel == "shop/oncall" && time.Since(epoch()) < time.Minute {
					return pause(10 * time.Minute)
				}
				return nil
			})
			p.tell(change("a", 1, "oncall"))
			pass(time.Second)
			p.tell(change("b", 1, "oncall", "hook"))
			pass(9 * time.Minute)
			wantList(t, w.deliveries(), "b-1 hook")
			pass(2 * time.Minute)
			wantList(t, w.deliveries(), "b-1 hook", "a-1 oncall", "b-1 oncall")
			if got := w.attempts("b-1 oncall"); len(got) != 1 || got[0] < 10*time.Minute {
				t.Errorf("got attempts at %v, want one after the pause", got)
			}
		})
	})

	t.Run("a pause that was asked for outlives the process", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(context.Context, monitor.Notice) error { return pause(10 * time.Minute) })
			p.tell(change("a", 1, "hook"))
			pass(time.Second)
			p.stop()
			w.answers(nil)
			w.run(w.store)
			pass(9 * time.Minute)
			wantList(t, w.deliveries())
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-1 hook")
		})
	})

	t.Run("what waits for a channel is told in the order in which it was decided", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(context.Context, monitor.Notice) error {
				<-time.After(10 * time.Second)
				return nil
			})
			for _, incident := range []string{"d", "b", "e", "a", "c"} {
				p.tell(change(incident, 1, "hook"))
				pass(time.Second)
			}
			pass(time.Minute)
			wantList(t, w.deliveries(), "d-1 hook", "b-1 hook", "e-1 hook", "a-1 hook", "c-1 hook")
		})
	})

	t.Run("a slow channel delays no other", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(ctx context.Context, n monitor.Notice) error {
				if n.Channel == "shop/oncall" {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			})
			for i := range 10 {
				p.tell(change(fmt.Sprintf("incident%d", i), 1, "oncall", "hook"))
			}
			pass(time.Second)
			if got := w.deliveries(); len(got) != 10 {
				t.Errorf("got %d deliveries within a second, want 10", len(got))
			}
		})
	})

	t.Run("a resolution waits for its opening, and other incidents do not", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(_ context.Context, n monitor.Notice) error {
				if n.Incident == "a" && n.Sequence == 1 && time.Since(epoch()) < time.Minute {
					return errors.New("not this one")
				}
				return nil
			})
			p.tell(change("a", 1, "hook"))
			p.tell(change("a", 2, "hook"))
			p.tell(change("b", 1, "hook"))
			pass(30 * time.Second)
			wantList(t, w.deliveries(), "b-1 hook")
			pass(time.Minute)
			wantList(t, w.deliveries(), "b-1 hook", "a-1 hook", "a-2 hook")
		})
	})

	t.Run("a sender that panics has failed, and is tried again", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(context.Context, monitor.Notice) error {
				if time.Since(epoch()) < time.Second {
					panic("out of luck")
				}
				return nil
			})
			p.tell(change("a", 1, "hook"))
			pass(5 * time.Second)
			wantList(t, w.deliveries(), "a-1 hook")
		})
	})

	t.Run("more notices than a queue holds all arrive", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.refuses()
			for i := range 120 {
				p.tell(change(fmt.Sprintf("incident%d", i), 1, "hook"))
			}
			pass(2 * time.Second)
			w.answers(nil)
			pass(6 * time.Minute)
			if got := w.deliveries(); len(got) != 120 {
				t.Errorf("got %d deliveries, want 120", len(got))
			}
		})
	})
}
