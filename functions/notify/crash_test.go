package notify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestCrash(t *testing.T) {
	t.Parallel()

	// The writes of one incident to one channel are: save, lease, receipt, save,
	// lease, receipt. The process dies before each of them in turn, and another
	// one takes over.
	for writes := range 7 {
		t.Run(fmt.Sprintf("a process that dies after %d writes loses nothing", writes), func(t *testing.T) {
			inBubble(t, func(w *world) {
				first := w.run(&mortal{Notices: w.store, writes: writes})
				opened, resolved := change("a", 1, "hook"), change("a", 2, "hook")
				handled := []bool{first.tries(opened), false}
				pass(time.Millisecond)
				handled[1] = first.tries(resolved)
				pass(time.Millisecond)
				first.stop()

				second := w.run(w.store)
				for i, c := range []monitor.IncidentChange{opened, resolved} {
					if !handled[i] {
						second.tell(c) // the broker delivers again what was not acknowledged
					}
				}
				pass(2 * time.Minute)
				got := w.deliveries()
				wantOrder(t, got)
				once := slices.Compact(slices.Clone(got))
				wantList(t, once, "a-1 hook", "a-2 hook")
				repeats := len(got) - len(once)
				if (writes == 2 || writes == 5) != (repeats == 1) {
					t.Errorf("got %d repeats, want one only where the receipt was lost", repeats)
				}
				if counted := second.metric("monitor_notices_repeated_total"); counted != float64(repeats) {
					t.Errorf("got %v repeats counted, want %d", counted, repeats)
				}
			})
		})
	}

	t.Run("an outcome that the store does not take at first is not forgotten", func(t *testing.T) {
		inBubble(t, func(w *world) {
			ill := &moody{mortal: mortal{Notices: w.store, writes: 2}, heals: epoch().Add(30 * time.Second)}
			p := w.run(ill)
			p.tell(change("a", 1, "hook"))
			pass(time.Minute)
			wantList(t, w.deliveries(), "a-1 hook")
			if n := w.stored("a", 1, "hook"); n.Receipt == "" {
				t.Errorf("got %+v, want one with a receipt", n)
			}
		})
	})

	t.Run("a process that stops finishes the attempt in hand", func(t *testing.T) {
		inBubble(t, func(w *world) {
			p := w.run(w.store)
			w.answers(func(ctx context.Context, _ monitor.Notice) error {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(5 * time.Second):
					return nil
				}
			})
			p.tell(change("a", 1, "hook"))
			pass(time.Second)
			p.stop()
			if n := w.stored("a", 1, "hook"); n.Receipt == "" {
				t.Errorf("got %+v, want one with a receipt", n)
			}
		})
	})

	t.Run("two processes that share a store tell everything once", func(t *testing.T) {
		inBubble(t, func(w *world) {
			pair := []*process{w.run(w.store), w.run(w.store)}
			w.answers(func(context.Context, monitor.Notice) error {
				<-time.After(100 * time.Millisecond)
				return nil
			})
			for i := range 20 {
				incident := fmt.Sprintf("incident%d", i)
				for _, sequence := range []int{1, 2} {
					pair[0].tell(change(incident, sequence, "oncall", "hook"))
					pair[1].tell(change(incident, sequence, "oncall", "hook"))
				}
			}
			for range 5 {
				pass(time.Minute)
				pair[0].tick()
				pair[1].tick()
			}
			got := w.deliveries()
			if len(got) != 80 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 80 {
				t.Errorf("got %d deliveries, want each of 80 once", len(got))
			}
			wantOrder(t, got)
			for _, p := range pair {
				if p.metric("monitor_notices_repeated_total") != 0 {
					t.Error("got repeats, want none")
				}
			}
		})
	})
}

// tries tells whether the process took the change.
func (p *process) tries(c monitor.IncidentChange) bool {
	return p.handle(changed(c)) == nil
}

// moody is a store that takes no writes for a while.
type moody struct {
	mortal
	heals time.Time
}

func (m *moody) UpdateNotice(ctx context.Context, n monitor.Notice) (int64, error) {
	if time.Now().After(m.heals) {
		m.writes = 1
	}
	return m.mortal.UpdateNotice(ctx, n)
}
