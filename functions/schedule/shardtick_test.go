package schedule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestShardTicks(t *testing.T) {
	t.Parallel()
	t.Run("each minute has one for each shard, over all processes", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		processes := []events.Handler{l.scheduler(nil), l.scheduler(nil)}
		seen := map[events.ShardTick]int{}
		for i := range 18 { // three minutes
			l.at(start.Add(time.Duration(i)*slot + time.Second))
			for j := range processes {
				_, ticks := l.tick(t, processes[(i+j)%2])
				for _, tick := range ticks {
					if tick.Minute != l.now.Floor(time.Minute) {
						t.Fatalf("got minute %d at %d", tick.Minute, l.now)
					}
					seen[*tick]++
				}
			}
		}
		if len(seen) != 3*64 {
			t.Fatalf("got %d different ones, want %d", len(seen), 3*64)
		}
		for tick, count := range seen {
			if count != 1 {
				t.Fatalf("got %+v %d times, want once", tick, count)
			}
		}
	})
	t.Run("a minute whose first tick is lost has them with its second", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		handle := l.scheduler(nil)
		minute := start.Floor(time.Minute).Add(time.Minute)
		l.at(minute.Add(-slot))
		l.tick(t, handle)
		l.at(minute.Add(slot))
		if _, ticks := l.tick(t, handle); len(ticks) != 64 || ticks[0].Minute != minute {
			t.Fatalf("got %d, want 64 of the minute", len(ticks))
		}
	})
	t.Run("what cannot be emitted comes with the next tick", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		handle := l.scheduler(nil)
		l.refuse = unavailable
		if _, _, err := l.try(t, handle); err == nil {
			t.Fatal("got no error, want one")
		}
		l.refuse = nil
		if _, ticks := l.tick(t, handle); len(ticks) != 64 {
			t.Fatalf("got %d, want 64", len(ticks))
		}
	})
	t.Run("they follow the claim's mark", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.refuse = func(event events.Event) error {
			if event.Type() != events.TypeShardTick {
				return nil
			}
			if claim, err := l.store.Claim(t.Context(), start.Add(slot)); err != nil || !claim.Sent {
				t.Errorf("got %+v, %v, want a sent claim before the first shard tick", claim, err)
			}
			return nil
		}
		l.tick(t, l.scheduler(nil))
	})
	t.Run("where slots are longer than a minute, each slot has them", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		handle := l.scheduler(func(parts *schedule.Parts) { parts.Plan.Slot = 5 * time.Minute })
		for i := range 4 {
			l.at(start.Add(time.Duration(i) * 5 * time.Minute))
			_, ticks := l.tick(t, handle)
			if len(ticks) != 64 || ticks[0].Minute != l.now.Floor(5*time.Minute) {
				t.Fatalf("got %d, want 64 of the slot", len(ticks))
			}
		}
	})
	t.Run("they are addressed by minute and shard", func(t *testing.T) {
		t.Parallel()
		l := newLab(t)
		l.tick(t, l.scheduler(nil))
		event := l.sent[63]
		if diff := cmp.Diff([]string{"1700000040000-63", "63"}, []string{event.ID(), event.Key()}); diff != "" {
			t.Fatalf("head (-want +got):\n%s", diff)
		}
	})
}

func TestCheckNow(t *testing.T) {
	t.Parallel()
	all := endpoints(3000, time.Minute)
	large := endpoint("large", time.Second)
	large.HTTP.Body = string(make([]byte, events.MaxDataBytes))
	two := func(parts *schedule.Parts) { parts.Locations = []string{"here", "there"} }
	out := newLab(t).process(two).CheckNow(append(all, large))
	seen := map[monitor.CheckID]bool{}
	for _, event := range out {
		if data, err := event.Encoded(); err != nil || len(data) > events.MaxDataBytes {
			t.Fatalf("got %d bytes, %v", len(data), err)
		}
		due, err := events.Decode[events.ProbeDue](event)
		if err != nil {
			t.Fatal(err)
		}
		if due.Kind != monitor.Manual || event.ID() != due.SlotID() || event.Extensions()[events.ExtensionLocation] != due.Location {
			t.Fatalf("got %s of kind %s", event.ID(), due.Kind)
		}
		for _, e := range due.Endpoints {
			id := monitor.CheckID{Endpoint: e.Endpoint.Key(), Location: due.Location, Due: e.Due.First}
			if seen[id] || e.Due.Count != 1 || e.Due.First < start || e.Due.First >= start.Add(3*time.Second) || e.Shard != monitor.ShardOf(id.Endpoint, 64) {
				t.Fatalf("got %+v, want one check within three seconds", e.Due)
			}
			seen[id] = true
		}
	}
	if len(seen) != 6000 {
		t.Fatalf("got %d checks, want 6000", len(seen))
	}
}
