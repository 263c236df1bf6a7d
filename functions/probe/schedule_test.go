package probe_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestProbeTimes(t *testing.T) {
	t.Parallel()
	bubble(t, "every check starts at its due time and is reported with it", func(t *testing.T) {
		l := newLab(answer(20*time.Millisecond, 200))
		due := slotOf(3*time.Second, endpoint("a", time.Second))
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		rows := l.rows()
		if len(rows) != 10 {
			t.Fatalf("got %d results, want 10", len(rows))
		}
		for i, row := range rows {
			at := due.Slot.Add(time.Duration(i) * time.Second)
			want := monitor.Result{
				Endpoint: "shop/a", Location: "local", Due: at, Start: at, Kind: monitor.Scheduled,
				Outcome: monitor.Passed, Micros: 20_000, Status: 200,
			}
			if diff := cmp.Diff(want, row); diff != "" {
				t.Fatalf("result %d (-want +got):\n%s", i, diff)
			}
		}
	})
	bubble(t, "a check that outlasts its interval makes the next one an overrun", func(t *testing.T) {
		l := newLab(answer(2500*time.Millisecond, 200))
		if err := l.run(t.Context(), slotOf(0, endpoint("a", time.Second))); err != nil {
			t.Fatal(err)
		}
		if got, want := l.letters("shop/a"), "poopoopoop"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got := l.counted(t, "monitor_probe_overrun_total"); got != 6 {
			t.Fatalf("got %v overruns counted, want 6", got)
		}
	})
	bubble(t, "one check is in flight for an endpoint, over slots too", func(t *testing.T) {
		var running, most atomic.Int64
		l := newLab(func(context.Context, *look.Request) look.Answer {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(1500 * time.Millisecond)
			return look.Answer{Status: 200}
		})
		first, second := slotOf(0, endpoint("a", time.Second)), slotOf(slot, endpoint("a", time.Second))
		var wait sync.WaitGroup
		for _, due := range []events.ProbeDue{first, second, first} { // the first one comes twice
			wait.Go(func() {
				if err := l.run(t.Context(), due); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if most.Load() != 1 {
			t.Fatalf("got %d checks at once, want 1", most.Load())
		}
	})
	bubble(t, "an event that comes late skips what is past and makes the newest now", func(t *testing.T) {
		l := newLab(answer(time.Millisecond, 200))
		if err := l.run(t.Context(), slotOf(-4500*time.Millisecond, endpoint("a", time.Second), endpoint("b", 20*time.Second))); err != nil {
			t.Fatal(err)
		}
		if got, want := l.letters("shop/a"), "sssspppppp"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := l.letters("shop/b"), "p"; got != want {
			t.Fatalf("got %s, want %s: it is late, but less than its interval", got, want)
		}
		for _, row := range l.rows() {
			if row.Endpoint == "shop/a" && row.Lateness() > 500*time.Millisecond {
				t.Fatalf("got a check %s late, want at most half a second", row.Lateness())
			}
			if row.Fault == monitor.FaultSkipped && (row.Start != 0 || row.Outcome != monitor.OutcomeUnknown || row.Reason == "") {
				t.Fatalf("got %+v, want a skipped check to be unknown, never started, with a reason", row)
			}
		}
	})
	bubble(t, "what is late when the event comes is spread over a second", func(t *testing.T) {
		l := newLab(answer(time.Millisecond, 200))
		var all []monitor.Endpoint
		for i := range 500 {
			all = append(all, endpoint(strconv.Itoa(i), slot))
		}
		began := monitor.At(time.Now())
		if err := l.run(t.Context(), slotOf(-5*time.Second, all...)); err != nil {
			t.Fatal(err)
		}
		starts := map[monitor.Instant]int{}
		for _, row := range l.rows() {
			starts[row.Start]++
			if late := row.Start.Sub(began); row.Outcome != monitor.Passed || late >= time.Second {
				t.Fatalf("got %s %s after the event, want a pass within a second", row.Outcome, late)
			}
		}
		if most := slices.Max(slices.Collect(maps.Values(starts))); len(l.rows()) != 500 || most > 6 {
			t.Fatalf("got %d results, up to %d in one moment, want 500, and 5 or 6", len(l.rows()), most)
		}
	})
	bubble(t, "no more checks run at once than are allowed", func(t *testing.T) {
		var running, most atomic.Int64
		l := newLab(func(context.Context, *look.Request) look.Answer {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(10 * time.Millisecond)
			return look.Answer{Status: 200}
		})
		l.start(3)
		var all []monitor.Endpoint
		for i := range 50 {
			all = append(all, endpoint(strconv.Itoa(i), slot))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		if most.Load() != 3 || len(l.rows()) != 50 {
			t.Fatalf("got %d checks at once and %d results, want 3 and 50", most.Load(), len(l.rows()))
		}
	})
	bubble(t, "a manual check is made once, now, and reported at once", func(t *testing.T) {
		l := newLab(answer(50*time.Millisecond, 200))
		due := slotOf(-time.Hour, endpoint("a", time.Second))
		due.Kind, due.Endpoints[0].Due.Count = monitor.Manual, 1
		began := time.Now()
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		rows := l.rows()
		if len(rows) != 1 || rows[0].Kind != monitor.Manual || rows[0].Outcome != monitor.Passed {
			t.Fatalf("got %+v, want one manual pass", rows)
		}
		if took := l.sent[0].at.Time().Sub(began); took > 100*time.Millisecond {
			t.Fatalf("got the result after %s, want at once", took)
		}
	})
}

func TestProbeInvalid(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*events.DueEndpoint){
		"no interval":         func(e *events.DueEndpoint) { e.Endpoint.Interval = 0 },
		"no timeout":          func(e *events.DueEndpoint) { e.Endpoint.Timeout = 0 },
		"no definition":       func(e *events.DueEndpoint) { e.Endpoint = nil },
		"endless due times":   func(e *events.DueEndpoint) { e.Due.Count = 1 << 40 },
		"due times on a spot": func(e *events.DueEndpoint) { e.Due.Every = 0 },
	} {
		bubble(t, name+" is invalid", func(t *testing.T) {
			due := slotOf(0, endpoint("a", time.Second))
			spoil(&due.Endpoints[0])
			l := newLab(answer(0, 200))
			if err := l.run(t.Context(), due); !errors.Is(err, monitor.Invalid) || len(l.rows()) != 0 {
				t.Fatalf("got %v and %d results, want invalid and none", err, len(l.rows()))
			}
		})
	}
}

func TestProbeStop(t *testing.T) {
	t.Parallel()
	bubble(t, "a clock that is set back puts no check off", func(t *testing.T) {
		l := newLab(answer(time.Millisecond, 200))
		ctx, stop := context.WithCancel(t.Context())
		var before sync.WaitGroup
		before.Go(func() { _ = l.run(ctx, slotOf(0, endpoint("a", time.Second))) })
		time.Sleep(3500 * time.Millisecond)
		l.wrong.Store(int64(-time.Hour))
		began := time.Now()
		if err := l.run(t.Context(), slotOf(-time.Hour, endpoint("b", time.Second))); err != nil {
			t.Fatal(err)
		}
		if got, took := l.letters("shop/b"), time.Since(began); got != "pppppppppp" || took > slot+probe.ReportEvery {
			t.Errorf("got %s in %s, want every check at its time", got, took)
		}
		stop()
		before.Wait()
	})
	bubble(t, "a stop ends the slot, reports what is there and asks for the event again", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := newLab(answer(700*time.Millisecond, 200))
		time.AfterFunc(3100*time.Millisecond, stop)
		began := time.Now()
		err := l.run(ctx, slotOf(0, endpoint("a", time.Second)))
		if !errors.Is(err, monitor.Unavailable) || !strings.Contains(err.Error(), "6 checks are left") {
			t.Fatalf("got %v, want unavailable with 6 checks left", err)
		}
		if got, want := l.letters("shop/a"), "pppp"; got != want {
			t.Fatalf("got %s, want %s: the check in flight is waited for", got, want)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Fatalf("got an end after %s, want soon after the stop", took)
		}
	})
	bubble(t, "a check that does not end in time after a stop is cut off and leaves no result", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := newLab(answer(time.Hour, 200))
		time.AfterFunc(time.Second, stop)
		began := time.Now()
		err := l.run(ctx, slotOf(0, endpoint("a", 20*time.Second)))
		if !errors.Is(err, monitor.Unavailable) || len(l.rows()) != 0 {
			t.Fatalf("got %v and %v, want unavailable and no result", err, l.rows())
		}
		if took := time.Since(began); took != time.Second+probe.Drain {
			t.Fatalf("got an end after %s, want %s after the stop", took, probe.Drain)
		}
	})
	bubble(t, "a stop after the last check is no error", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := newLab(answer(time.Second, 200))
		time.AfterFunc(500*time.Millisecond, stop)
		if err := l.run(ctx, slotOf(0, endpoint("a", 20*time.Second))); err != nil {
			t.Fatalf("got %v, want none", err)
		}
		if got := l.letters("shop/a"); got != "p" {
			t.Fatalf("got %q, want the result", got)
		}
	})
}

func TestProbeLoad(t *testing.T) {
	t.Parallel()
	bubble(t, "10,000 endpoints at one second", func(t *testing.T) {
		l := newLab(func(context.Context, *look.Request) look.Answer { return look.Answer{Status: 200} })
		var wait sync.WaitGroup
		for batch := range 16 {
			due := slotOf(time.Second)
			for i := range 625 {
				e := endpoint("e"+strconv.Itoa(batch*625+i), time.Second)
				due.Endpoints = append(due.Endpoints, events.DueEndpoint{
					Endpoint: &e, Shard: batch*4 + i%4, Due: monitor.DueIn(e.Key(), time.Second, due.Slot, due.Until),
				})
			}
			wait.Go(func() {
				if err := l.run(t.Context(), due); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		seen := map[monitor.CheckID]bool{}
		for _, row := range l.rows() {
			if seen[row.ID()] || row.Outcome != monitor.Passed || row.Start != row.Due {
				t.Fatalf("got %+v, want each check once, in time", row)
			}
			seen[row.ID()] = true
		}
		if len(seen) != 100_000 {
			t.Fatalf("got %d results, want 100000", len(seen))
		}
	})
}

func TestProbeEveryDueTimeOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		late := rapid.IntRange(-5000, 15_000).Draw(rt, "late ms")
		limit := rapid.IntRange(1, 5).Draw(rt, "concurrency")
		takes := rapid.SliceOfN(rapid.IntRange(0, 4000), 1, 8).Draw(rt, "took ms")
		intervals := rapid.SliceOfN(rapid.IntRange(100, 30_000), 1, 4).Draw(rt, "interval ms")
		synctest.Test(t, func(*testing.T) {
			var calls atomic.Int64
			l := newLab(func(context.Context, *look.Request) look.Answer {
				took := time.Duration(takes[int(calls.Add(1))%len(takes)]) * time.Millisecond
				time.Sleep(took)
				return look.Answer{Status: 200, Took: took}
			})
			l.start(limit)
			var all []monitor.Endpoint
			want := 0
			for i, interval := range intervals {
				all = append(all, endpoint(strconv.Itoa(i), time.Duration(interval)*time.Millisecond))
			}
			due := slotOf(-time.Duration(late)*time.Millisecond, all...)
			for _, e := range due.Endpoints {
				want += e.Due.Count
			}
			if err := l.run(context.Background(), due); err != nil {
				rt.Fatal(err)
			}
			seen := map[monitor.CheckID]bool{}
			last := map[string]monitor.Instant{}
			for _, row := range l.rows() {
				if seen[row.ID()] {
					rt.Fatalf("got %s twice", row.ID())
				}
				seen[row.ID()] = true
				if row.Start == 0 {
					continue
				}
				if row.Due <= last[row.Endpoint] {
					rt.Fatalf("got %s behind %d, want the results of an endpoint in due order", row.ID(), last[row.Endpoint])
				}
				last[row.Endpoint] = row.Due
			}
			if len(seen) != want {
				rt.Fatalf("got %d results, want one for each of %d due times", len(seen), want)
			}
		})
	})
}
