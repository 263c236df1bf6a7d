package storagetest

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var stateTests = map[string]func(t *testing.T, open Place){
	"states/a shard of which nothing is stored has revision 0": with(testNoState),
	"states/all of a shard comes back":                         with(testState),
	"states/a second writer gets a conflict":                   with(testStateConflict),
	"states/of many writers at once one wins":                  with(testStateRace),
}

func shardState() monitor.ShardState {
	down := incident(1, origin)
	return monitor.ShardState{
		Shard: 6, Decided: origin,
		States: map[string]monitor.State{shop: {
			Endpoint: shop, Health: monitor.Down, Since: origin, Reason: "2 checks in a row failed: timeout",
			Bad:  monitor.Streak{Count: 2, First: origin, Reason: "timeout", Fault: monitor.FaultTimeout, Evidence: []string{"a", "b"}},
			Seen: map[string]monitor.Instant{here: origin, "away": origin + 1}, Incident: &down,
		}},
		Outbox: []monitor.IncidentChange{{Shard: 6, Change: monitor.Opened, Incident: down, URL: "https://shop.example", Channels: []string{"oncall"}}},
	}
}

func testNoState(t *testing.T, store storage.Store) {
	wantSame(t, must(store.ShardState(t.Context(), 6))(t), monitor.ShardState{Shard: 6})
}

func testState(t *testing.T, store storage.Store) {
	want := shardState()
	revision := must(store.SaveShardState(t.Context(), want))(t)
	got := must(store.ShardState(t.Context(), 6))(t)
	if got.Revision != revision || revision == 0 {
		t.Errorf("got revision %d, want the one that was returned (%d), not 0", got.Revision, revision)
	}
	got.Revision = 0
	wantSame(t, got, want)
	wantSame(t, must(store.ShardState(t.Context(), 5))(t), monitor.ShardState{Shard: 5})

	want.Revision, want.Outbox = revision, nil
	want.States[shop].Seen[here] = origin + 5
	next := must(store.SaveShardState(t.Context(), want))(t)
	want.Revision = next
	wantSame(t, must(store.ShardState(t.Context(), 6))(t), want)
	if next == revision {
		t.Errorf("got revision %d again, want another", next)
	}
}

func testStateConflict(t *testing.T, store storage.Store) {
	state := shardState()
	revision := must(store.SaveShardState(t.Context(), state))(t)
	_, err := store.SaveShardState(t.Context(), state)
	wantCode(t, err, monitor.Conflict)

	state.Revision, state.States = revision, nil
	must(store.SaveShardState(t.Context(), state))(t)
	state.Outbox = nil
	_, err = store.SaveShardState(t.Context(), state)
	wantCode(t, err, monitor.Conflict)
	if got := must(store.ShardState(t.Context(), 6))(t); len(got.Outbox) != 1 {
		t.Errorf("got %d changes in the outbox, want the 1 of the first writer", len(got.Outbox))
	}

	_, err = store.SaveShardState(t.Context(), monitor.ShardState{Shard: 9, Revision: 3})
	wantCode(t, err, monitor.Conflict)
}

func testStateRace(t *testing.T, store storage.Store) {
	revision := int64(0)
	for range 5 {
		WantOneWinner(t, Together(16, func(i int) error {
			_, err := store.SaveShardState(t.Context(), monitor.ShardState{Shard: 1, Revision: revision, Decided: monitor.Instant(i)})
			return err
		}))
		revision = must(store.ShardState(t.Context(), 1))(t).Revision
	}
}
