package standalone_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// awayStore is a store that does not take one function's writes for a while.
type awayStore struct {
	drivers.Store
	function string
	mood     storagetest.Mood
	from, to time.Time
}

func (s awayStore) away(ctx context.Context, function string) error {
	if now := time.Now(); function != s.function || now.Before(s.from) || !now.Before(s.to) {
		return nil
	}
	return s.mood(ctx)
}

func (s awayStore) AppendTail(ctx context.Context, shard int, arrived monitor.Instant, data []byte) error {
	if err := s.away(ctx, "store"); err != nil {
		return err
	}
	return s.Store.AppendTail(ctx, shard, arrived, data)
}

func (s awayStore) SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error) {
	if err := s.away(ctx, "alert"); err != nil {
		return 0, err
	}
	return s.Store.SaveShardState(ctx, state)
}

func (s awayStore) SaveNotices(ctx context.Context, notices []monitor.Notice) error {
	if err := s.away(ctx, "notify"); err != nil {
		return err
	}
	return s.Store.SaveNotices(ctx, notices)
}

// shop is an endpoint that is down at given times, and a channel that takes
// everything.
type shop struct {
	down []spell

	mu     sync.Mutex
	told   []string
	looked []monitor.Instant // when it was looked at
}

func (s *shop) look(context.Context, *look.Request) look.Answer {
	now := monitor.At(time.Now())
	s.mu.Lock()
	s.looked = append(s.looked, now)
	s.mu.Unlock()
	if slices.ContainsFunc(s.down, func(d spell) bool { return d.holds(now) }) {
		return look.Answer{Took: time.Millisecond, Fault: monitor.FaultRefused, Reason: "nothing listens there"}
	}
	return look.Answer{Took: time.Millisecond, Status: 200}
}

func (s *shop) send(_ context.Context, delivery monitor.Delivery) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := delivery.Notice.Change
	s.told = append(s.told, string(change.Change)+" "+change.Incident.Started.Floor(time.Minute).Time().UTC().Format("15:04"))
	return "taken", nil
}

// TestAway takes one function's writes away for three hours, far longer than
// any Trigger tries: what happened meanwhile is told once, in order, and no
// result is missing.
func TestAway(t *testing.T) {
	t.Parallel()
	moods := map[string]storagetest.Mood{"refuses": storagetest.Refuse, "hangs": storagetest.Hang(10 * time.Second)}
	for _, function := range []string{"store", "alert", "notify"} {
		for name, mood := range moods {
			t.Run("the store "+name+" for "+function, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { testAway(t, function, mood) })
			})
		}
	}
}

func testAway(t *testing.T, function string, mood storagetest.Mood) {
	t.Helper()
	begin := monitor.At(time.Now())
	at := func(minute int) monitor.Instant { return begin.Add(time.Duration(minute) * time.Minute) }
	s := &shop{down: []spell{{from: at(5), to: at(15)}, {from: at(30), to: at(40)}, {from: at(100), to: at(195)}}}
	store := runShop(t, s, awayStore{function: function, mood: mood, from: at(10).Time(), to: at(190).Time()})
	sleepUntil(at(206))
	want := []string{"opened 00:05", "resolved 00:05", "opened 00:30", "resolved 00:30", "opened 01:40", "resolved 01:40"}
	if diff := cmp.Diff(want, s.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	rows, err := store.Results(t.Context(), "shop/cart", dayLocation, at(1), at(200))
	if err != nil {
		t.Fatal(err)
	}
	rows = slices.DeleteFunc(rows, func(r monitor.Result) bool { return r.Outcome == monitor.OutcomeUnknown })
	if want := monitor.DueIn("shop/cart", daySlot, at(1), at(200)).Count; len(rows) != want {
		t.Errorf("got %d results of checks that were made, want all %d", len(rows), want)
	}
}

// runShop runs the monitor until the test ends, with a function that cannot
// write for a while.
func runShop(t *testing.T, s *shop, away awayStore) drivers.Store {
	t.Helper()
	return runInBubble(t, t.TempDir(), func(parts *standalone.Parts) {
		away.Store = parts.Store
		parts.Store = away
		s.open(parts)
	}).store
}

// open has the monitor watch the shop.
func (s *shop) open(parts *standalone.Parts) {
	parts.Look, parts.Send = s.look, s.send
	parts.Defined = config.Definition{
		Endpoints: []monitor.Endpoint{{
			Namespace: "shop", ID: "cart", HTTP: monitor.HTTP{URL: "http://cart.example", Method: "GET"},
			Interval: monitor.Duration(daySlot), Timeout: monitor.Duration(time.Second),
			Alert: monitor.Alert{After: 2, Recover: 2, Channels: []string{"hook"}}, Adaptive: monitor.Adaptive{FixedCadence: true},
		}},
		Channels: []monitor.Channel{{Namespace: "shop", Name: "hook", Webhook: &monitor.Webhook{URL: "http://hook.example"}}},
	}
}
