package probe_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestProbeAgain gives one event to probe more than once, as brokers do.
func TestProbeAgain(t *testing.T) {
	t.Parallel()
	bubble(t, "while a check still runs, its result is the only one", func(t *testing.T) {
		l := newLab(answer(15*time.Second, 200))
		due := slotOf(0, endpoint("a", 20*time.Second))
		var calls sync.WaitGroup
		for _, after := range []time.Duration{0, 5 * time.Second, 14 * time.Second} {
			calls.Go(func() {
				time.Sleep(after)
				if err := l.run(t.Context(), due); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		if got := l.letters("shop/a"); got != "p" {
			t.Errorf("got %q, want the running check's result alone", got)
		}
	})
	bubble(t, "long after, it adds nothing to what was checked", func(t *testing.T) {
		l := newLab(answer(time.Millisecond, 200))
		due := slotOf(0, endpoint("a", time.Second))
		for range 3 {
			if err := l.run(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
		}
		if got, want := l.letters("shop/a"), "pppppppppp"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	bubble(t, "what the first call had to leave is made by the next", func(t *testing.T) {
		l := newLab(answer(time.Hour, 200))
		due := slotOf(0, endpoint("a", 20*time.Second))
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if err := l.run(ctx, due); err == nil {
			t.Fatal("got no error, want one: a check is left")
		}
		l.look = answer(time.Second, 200)
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got := l.letters("shop/a"); got != "p" {
			t.Errorf("got %q, want the check made", got)
		}
	})
	bubble(t, "checks that were not made push no result out of a full buffer", func(t *testing.T) {
		l := newLab(answer(0, 200))
		l.refuse = func(events.Event) error { return monitor.Errorf(monitor.Unavailable, "broker away") }
		var all []monitor.Endpoint
		for i := range probe.MaxBuffered / 100 {
			all = append(all, endpoint("e"+string(rune('a'+i/26))+string(rune('a'+i%26)), 100*time.Millisecond))
		}
		_ = l.run(t.Context(), slotOf(0, all...))
		late := slotOf(-time.Hour, all...)
		_ = l.run(t.Context(), late)
		l.refuse = nil
		if err := l.run(t.Context(), slotOf(0, endpoint("last", slot))); err != nil {
			t.Fatal(err)
		}
		made := 0
		for _, row := range l.rows() {
			if row.Outcome == monitor.Passed {
				made++
			}
		}
		if want := probe.MaxBuffered; made != want {
			t.Errorf("got %d results of checks that were made, want %d", made, want)
		}
	})
}

// TestProbeIsNotHeld has a broker that takes nothing and does not answer: the
// request to probe ends soon after its slot, and when it comes again, sooner.
func TestProbeIsNotHeld(t *testing.T) {
	t.Parallel()
	bubble(t, "by those who do not take its results", func(t *testing.T) {
		l := newLab(answer(0, 200))
		hang := func(ctx context.Context, _ ...events.Event) error {
			<-ctx.Done()
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "not acknowledged in time")
		}
		due := slotOf(0, endpoint("a", time.Second))
		event := events.New(events.TypeProbeDue, events.Head{ID: due.SlotID(), Source: "schedule"}, &due)
		begun := time.Now()
		if err := l.handle(t.Context(), event, hang); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got %v, want unavailable", err)
		}
		if held := time.Since(begun); held > slot+2*probe.Drain {
			t.Errorf("held for %s, want %s at most", held, slot+2*probe.Drain)
		}
		begun = time.Now()
		if err := l.handle(t.Context(), event, hang); err != nil || time.Since(begun) > 2*probe.Drain {
			t.Errorf("got %v after %s, want nil within %s", err, time.Since(begun), 2*probe.Drain)
		}
	})
}
