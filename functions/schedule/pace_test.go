package schedule_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// believe has alert believe something of an endpoint.
func (l *lab) believe(t testing.TB, state monitor.State) {
	t.Helper()
	before, err := l.store.ShardState(t.Context(), monitor.ShardOf(state.Endpoint, plan().Shards))
	if err != nil {
		t.Fatal(err)
	}
	before.Shard, before.States = monitor.ShardOf(state.Endpoint, plan().Shards), map[string]monitor.State{state.Endpoint: state}
	if _, err := l.store.SaveShardState(t.Context(), before); err != nil {
		t.Fatal(err)
	}
}

func down(since time.Duration) monitor.State {
	return monitor.State{Endpoint: "shop/a", Health: monitor.Down, Since: start.Add(-since)}
}

func TestPace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		state    monitor.State
		interval time.Duration
		fixed    bool
		every    time.Duration
		slowed   *events.Slowed
	}{
		"what is down for a few minutes is checked as ever": {state: down(8 * time.Minute), every: time.Second},
		"what is down for ten minutes, at every second due time": {
			state: down(10 * time.Minute), every: 2 * time.Second,
			slowed: &events.Slowed{Interval: monitor.Duration(time.Second), Since: start.Add(-10 * time.Minute)},
		},
		"what is down for half an hour, at every fourth": {
			state: down(30 * time.Minute), every: 4 * time.Second,
			slowed: &events.Slowed{Interval: monitor.Duration(time.Second), Since: start.Add(-30 * time.Minute)},
		},
		"a minute is not stretched":                {state: down(30 * time.Minute), interval: time.Minute, every: time.Minute},
		"nor is what shall not be":                 {state: down(30 * time.Minute), fixed: true, every: time.Second},
		"what is up is checked as ever":            {state: monitor.State{Endpoint: "shop/a", Health: monitor.Up}, every: time.Second},
		"what nobody could see is checked as ever": {state: monitor.State{Endpoint: "shop/a", Health: monitor.Unknown, Since: 1}, every: time.Second},
		"what has passed again is checked as ever": {
			state: monitor.State{Endpoint: "shop/a", Health: monitor.Down, Since: 1, Good: monitor.Streak{Count: 1}}, every: time.Second,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := endpoint("a", max(test.interval, time.Second))
			e.Adaptive.FixedCadence = test.fixed
			l := newLab(t, e)
			l.believe(t, test.state)
			due, _ := l.tick(t, l.scheduler(nil))
			for _, d := range due {
				got := d.Endpoints[0]
				want := monitor.DueAt("shop/a", e.Interval.D(), int(test.every/e.Interval.D()), d.Slot, d.Until)
				if diff := cmp.Diff(want, got.Due); diff != "" {
					t.Errorf("due times (-want +got):\n%s", diff)
				}
				if got.Endpoint.Interval.D() != test.every || !cmp.Equal(test.slowed, got.Slowed) {
					t.Errorf("got an interval of %s since %+v, want %s since %+v", got.Endpoint.Interval, got.Slowed, test.every, test.slowed)
				}
			}
		})
	}
}

func TestPaceOverTime(t *testing.T) {
	t.Parallel()
	t.Run("the slot in which ten minutes are over still has the cadence of its begin", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.believe(t, down(10*time.Minute-5*time.Second))
		due, _ := l.tick(t, l.scheduler(nil))
		if first, second := due[0].Endpoints[0].Due.Count, due[1].Endpoints[0].Due.Count; first != 10 || second != 5 {
			t.Errorf("got %d and %d due times, want 10 and then 5", first, second)
		}
	})
	t.Run("a slot that is handed out again asks for the same checks", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", 3*time.Second))
		l.believe(t, down(time.Hour))
		first, _ := l.tick(t, l.scheduler(run("one")))
		again, _ := l.tick(t, l.scheduler(run("two")))
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("events (-first +again):\n%s", diff)
		}
	})
	t.Run("checks that nobody made are counted as they would have been due", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, endpoint("a", time.Second))
		l.believe(t, down(10*time.Minute-3*slot))
		handle := l.scheduler(nil)
		l.tick(t, handle)
		l.at(start.Add(5 * slot))
		l.tick(t, handle)
		for number, want := range map[int]int{2: 10, 3: 5, 4: 5} {
			if claim := l.claim(t, start.Add(time.Duration(number)*slot)); claim.Skipped == "" || claim.Checks != want {
				t.Errorf("slot %d: got %+v, want %d checks lost", number, claim, want)
			}
		}
	})
}

// blindly is a store whose states cannot be read while it is away.
type blindly struct {
	schedule.States
	away bool
}

func (b *blindly) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	if b.away {
		return monitor.ShardState{}, monitor.Errorf(monitor.Unavailable, "the disk is away")
	}
	return b.States.ShardState(ctx, shard)
}

func TestPaceUnread(t *testing.T) {
	t.Parallel()
	l := newLab(t, endpoint("a", time.Second))
	l.believe(t, down(time.Hour))
	store, log := &blindly{States: l.store, away: true}, &bytes.Buffer{}
	handle := l.scheduler(func(parts *schedule.Parts) {
		parts.States, parts.Log = store, slog.New(slog.NewTextHandler(log, nil))
	})
	step := func(number, want, said int) {
		t.Helper()
		l.at(start.Add(time.Duration(number) * slot))
		due, _ := l.tick(t, handle)
		for _, d := range due {
			if got := d.Endpoints[0].Due.Count; got < want || got > want+1 {
				t.Errorf("slot %d: got %d due times, want %d", number, got, want)
			}
		}
		if got := strings.Count(log.String(), "full cadence"); got != said {
			t.Errorf("slot %d: said %d times, want %d", number, got, said)
		}
	}
	step(0, 10, 1)
	step(1, 10, 1)
	store.away = false
	step(2, 2, 1)
	store.away = true
	step(3, 10, 2)
}
