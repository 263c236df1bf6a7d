package schedule_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	t.Run("the first tick plans the running slot from now on, and the next one whole", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.at(start.Add(4500 * time.Millisecond))
		due, _ := l.tick(t, l.scheduler(nil))
		if diff := cmp.Diff([]monitor.Instant{start, start.Add(slot)}, slots(due)); diff != "" {
			t.Fatalf("slots (-want +got):\n%s", diff)
		}
		first, second := due[0].Endpoints[0].Due, due[1].Endpoints[0].Due
		if first.First < start.Add(4500*time.Millisecond) || first.Count < 5 || first.Count > 6 || second.Count != 10 {
			t.Fatalf("got %+v and %+v, want what is left of ten, and ten", first, second)
		}
		if lost := l.claim(t, start); lost.Checks != first.Count || !lost.Sent {
			t.Fatalf("got %+v, want a sent claim of %d checks", lost, first.Count)
		}
	})
	t.Run("later ticks plan one slot each, whenever they come", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		handle := l.scheduler(nil)
		l.tick(t, handle)
		for i, late := range []time.Duration{0, 9 * time.Second, 3 * time.Second} {
			l.at(start.Add(time.Duration(i+1)*slot + late))
			due, _ := l.tick(t, handle)
			if diff := cmp.Diff([]monitor.Instant{start.Add(time.Duration(i+2) * slot)}, slots(due)); diff != "" {
				t.Fatalf("slots (-want +got):\n%s", diff)
			}
			if again, _ := l.tick(t, handle); len(again) != 0 {
				t.Fatalf("got %d events for a second tick, want none", len(again))
			}
		}
	})
	t.Run("an endpoint that is not due in a slot is watched in it", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Minute))
		handle := l.scheduler(nil)
		made, watched := 0, 0
		for i := range 12 {
			l.at(start.Add(time.Duration(i) * slot))
			due, _ := l.tick(t, handle)
			for _, d := range due {
				for _, e := range d.Endpoints {
					if want := monitor.DueIn("shop/a", time.Minute, d.Slot, d.Slot+1).First; e.Due.First != want {
						t.Fatalf("got %d as its next due time, want %d", e.Due.First, want)
					}
					made += e.Due.Count
					if e.Due.Count == 0 {
						watched++
					}
				}
			}
		}
		if made != 2 || watched != 11 {
			t.Fatalf("got %d checks and %d slots that watch in 13 slots, want 2 and 11", made, watched)
		}
	})
	t.Run("an event is addressed by slot, batch and location", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.tick(t, l.scheduler(func(parts *schedule.Parts) { parts.Locations = []string{"here", "there"} }))
		var heads []string
		for _, event := range l.sent {
			if event.Type() == events.TypeProbeDue {
				heads = append(heads, event.ID()+" "+event.Key()+" "+event.Extensions()[events.ExtensionLocation].(string))
			}
		}
		batch := heads[0][strings.LastIndex(heads[0][:len(heads[0])-5], " ")+1:]
		batch, _, _ = strings.Cut(batch, " ")
		want := []string{
			"1700000040000-" + batch + "-here-0 " + batch + " here", "1700000040000-" + batch + "-there-0 " + batch + " there",
			"1700000050000-" + batch + "-here-0 " + batch + " here", "1700000050000-" + batch + "-there-0 " + batch + " there",
		}
		if diff := cmp.Diff(want, heads); diff != "" {
			t.Fatalf("heads (-want +got):\n%s", diff)
		}
	})
	t.Run("where nothing is due there is no event, but there is a claim", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		due, ticks := l.tick(t, l.scheduler(nil))
		if len(due) != 0 || len(ticks) != 64 || !l.claim(t, start.Add(slot)).Sent {
			t.Fatalf("got %d events, %d shard ticks, want none, 64 and a claim", len(due), len(ticks))
		}
	})
	t.Run("a change of the catalog counts from the next slot on", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		handle := l.scheduler(nil)
		l.tick(t, handle)
		l.define(t, 1, endpoint("b", time.Second))
		l.at(start.Add(slot))
		due, _ := l.tick(t, handle)
		if due[0].Kind != monitor.Manual || len(checks(due[:1])) != 1 || due[0].Endpoints[0].Endpoint.ID != "b" {
			t.Fatalf("got %+v first, want the new endpoint checked at once", due[0])
		}
		if len(checks(due[1:])) != 20 {
			t.Fatalf("got %d checks, want 20", len(checks(due[1:])))
		}
	})
	t.Run("definitions that no batch holds are left out, the others are not", func(t *testing.T) {
		t.Parallel()
		large, slow, odd := endpoint("large", time.Second), endpoint("slow", time.Second), endpoint("odd", time.Second)
		large.HTTP.Body = strings.Repeat("x", events.MaxDataBytes)
		slow.Timeout, odd.Interval = monitor.Duration(time.Hour), 0
		l := newLab(t, large, slow, odd, endpoint("a", time.Second))
		due, _ := l.tick(t, l.scheduler(nil))
		for check := range checks(due) {
			if check.Endpoint != "shop/a" {
				t.Fatalf("got a check of %s", check.Endpoint)
			}
		}
		if len(checks(due)) == 0 {
			t.Fatal("got no check at all")
		}
	})
}

func TestSpread(t *testing.T) {
	t.Parallel()
	l := newLab(t, endpoints(10_000, slot)...)
	due, _ := l.tick(t, l.scheduler(nil))
	perSecond := map[monitor.Instant]int{}
	total := 0
	for check := range checks(due) {
		if check.Due >= start.Add(slot) {
			perSecond[check.Due.Floor(time.Second)]++
			total++
		}
	}
	if total != 10_000 {
		t.Fatalf("got %d checks, want 10000", total)
	}
	for second, count := range perSecond {
		if count < 850 || count > 1150 {
			t.Errorf("got %d checks in second %d, want about 1000", count, second%10_000)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var all []monitor.Endpoint
	for _, e := range endpoints(250, time.Second) {
		e.HTTP.Body = strings.Repeat("<", 5_000) // six bytes each on the wire
		all = append(all, e)
	}
	l.define(t, 0, all...)
	due, _ := l.tick(t, l.scheduler(nil))
	batches := map[[2]int]bool{}
	for _, event := range l.sent {
		data, err := event.Encoded()
		if err != nil || len(data) > events.MaxDataBytes {
			t.Fatalf("got %d bytes, %v, want %d at most", len(data), err, events.MaxDataBytes)
		}
	}
	inSlot := 0
	for _, d := range due {
		if d.Slot != start.Add(slot) {
			continue
		}
		inSlot++
		if batches[[2]int{d.Batch, d.Part}] {
			t.Fatalf("got batch %d part %d twice", d.Batch, d.Part)
		}
		batches[[2]int{d.Batch, d.Part}] = true
	}
	if open := time.Duration(inSlot) * (2*slot + 5*time.Second); open > monitor.InFlight*slot || inSlot < 15 {
		t.Fatalf("got %d requests a slot, want 15 for the size and %d in flight at most", inSlot, monitor.InFlight)
	}
	for check, count := range checks(due) {
		if count != 1 {
			t.Fatalf("got %s %d times", check, count)
		}
	}
}

func TestRace(t *testing.T) {
	t.Parallel()
	l := newLab(t, endpoints(20, time.Second)...)
	one, two := l.scheduler(nil), l.scheduler(nil)
	for i := range 100 {
		l.at(start.Add(time.Duration(i) * slot))
		var wait sync.WaitGroup
		for _, handle := range []events.Handler{one, two, one} {
			wait.Go(func() {
				ping := events.New(events.TypePing, events.Head{ID: "1", Source: "cron"}, &events.Ping{})
				if err := handle(t.Context(), ping, l.emit); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	seen := map[string]int{}
	for _, event := range l.sent {
		seen[event.Type()+event.ID()]++
	}
	for id, count := range seen {
		if count != 1 && strings.HasPrefix(id, events.TypeProbeDue) {
			t.Fatalf("got %s %d times, want once", id, count)
		}
	}
	claims, err := l.store.Claims(t.Context(), start, start.Add(200*slot))
	if err != nil || len(claims) != 101 {
		t.Fatalf("got %d claims, %v, want 101", len(claims), err)
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	t.Run("an emit that fails leaves the slot to the next try", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoints(50, time.Second)...)
		handle := l.scheduler(nil)
		count := 0
		l.refuse = func(e events.Event) error {
			if count++; count > 5 {
				return unavailable(e)
			}
			return nil
		}
		if _, _, err := l.try(t, handle); !errors.Is(err, monitor.Unavailable) {
			t.Fatalf("got %v, want unavailable", err)
		}
		if l.claim(t, start).Sent {
			t.Fatal("got a sent claim, want one that is free")
		}
		l.refuse = nil
		due, ticks := l.tick(t, handle)
		if len(slots(due)) != 2 || len(ticks) != 64 {
			t.Fatalf("got slots %v and %d shard ticks, want both slots and 64", slots(due), len(ticks))
		}
	})
	t.Run("a crash between emit and mark is made good by another process, with the same IDs", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoints(50, time.Second)...)
		l.tick(t, l.scheduler(nil))
		first := l.sent
		claim := l.claim(t, start.Add(slot)) // as it was before it was marked
		claim.Sent = false
		if _, err := l.store.SaveClaim(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		l.at(start.Add(4 * time.Second))
		if due, _ := l.tick(t, l.scheduler(nil)); len(due) != 0 {
			t.Fatalf("got %d events while the lease runs, want none", len(due))
		}
		l.at(start.Add(6 * time.Second))
		due, _ := l.tick(t, l.scheduler(nil))
		known := map[string]bool{}
		for _, event := range first {
			known[event.ID()] = true
		}
		if len(due) == 0 || len(slots(due)) != 1 {
			t.Fatalf("got slots %v, want the one again", slots(due))
		}
		for _, d := range due {
			if !known[d.SlotID()] {
				t.Fatalf("got a new ID %s, want those of the first time", d.SlotID())
			}
		}
		if got := l.claim(t, start.Add(slot)); !got.Sent {
			t.Fatalf("got %+v, want a sent claim", got)
		}
	})
	t.Run("where events live with the process, a restart resumes the slot at hand", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second), endpoint("b", time.Second))
		l.tick(t, l.scheduler(run("one")))
		l.at(start.Add(5 * time.Second))
		restarted := l.scheduler(run("two"))
		due, ticks := l.tick(t, restarted)
		if diff := cmp.Diff([]monitor.Instant{start, start.Add(slot)}, slots(due)); diff != "" {
			t.Fatalf("slots (-want +got):\n%s", diff)
		}
		for check := range checks(due) {
			if check.Due < start.Add(5*time.Second) {
				t.Fatalf("got %s, want nothing of the past", check)
			}
		}
		if len(ticks) != 64 {
			t.Fatalf("got %d shard ticks, want 64: those of the earlier run may be lost", len(ticks))
		}
		if again, _ := l.tick(t, restarted); len(again) != 0 {
			t.Fatalf("got %d events again, want none", len(again))
		}
	})
	t.Run("where events outlive the process, a restart does not", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.tick(t, l.scheduler(nil))
		l.at(start.Add(5 * time.Second))
		if due, _ := l.tick(t, l.scheduler(nil)); len(due) != 0 {
			t.Fatalf("got %d events, want none", len(due))
		}
	})
}

func TestEveryDueTimeOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		intervals := rapid.SliceOfN(rapid.IntRange(100, 120_000), 1, 5).Draw(rt, "interval ms")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 10_000), 5, 20).Draw(rt, "tick gaps ms")
		l := newLab(t)
		var all []monitor.Endpoint
		for i, interval := range intervals {
			all = append(all, endpoint("e"+strconv.Itoa(i), time.Duration(interval)*time.Millisecond))
		}
		l.define(t, 0, all...)
		handles := []events.Handler{l.scheduler(nil), l.scheduler(nil)}
		var due []*events.ProbeDue
		for i, gap := range gaps {
			more, _ := l.tick(t, handles[i%2])
			due = append(due, more...)
			l.at(l.now.Add(time.Duration(gap) * time.Millisecond))
		}
		more, _ := l.tick(t, handles[0])
		got := checks(append(due, more...))
		until := l.now.Floor(slot).Add(2 * slot)
		total := 0
		for _, e := range all {
			want := monitor.DueIn(e.Key(), e.Interval.D(), start, until)
			for i := range want.Count {
				id := monitor.CheckID{Endpoint: e.Key(), Location: "local", Due: want.At(i)}
				if got[id] != 1 {
					rt.Fatalf("got %s planned %d times, want once", id, got[id])
				}
			}
			total += want.Count
		}
		if len(got) != total {
			rt.Fatalf("got %d checks planned, want %d", len(got), total)
		}
	})
}
