package couchbase

import (
	"context"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// stateDocument is what is believed of one shard. Its revision is its CAS.
type stateDocument struct {
	By    string             `json:"by"`
	State monitor.ShardState `json:"state"`
}

func stateKey(shard int) string { return key("s", strconv.Itoa(shard)) }

// ShardState implements storage.States.
func (s *Store) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	states, err := s.metadata(ctx, layout.States)
	if err != nil {
		return monitor.ShardState{}, err
	}
	found, err := states.Get(ctx, stateKey(shard))
	if err != nil {
		return monitor.ShardState{}, err
	}
	stored := stateDocument{State: monitor.ShardState{Shard: shard}}
	err = parse(stateKey(shard), found, &stored)
	stored.State.Revision = found.CAS
	return stored.State, err
}

// SaveShardState implements storage.States.
func (s *Store) SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error) {
	states, err := s.metadata(ctx, layout.States)
	if err != nil {
		return 0, err
	}
	body, err := encode(stateKey(state.Shard), stateDocument{By: s.link.Stamp(), State: state})
	if err != nil {
		return 0, err
	}
	return states.Swap(ctx, link.Write{Key: stateKey(state.Shard), Body: body, CAS: state.Revision}, link.Majority)
}
