package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	selectState = `SELECT revision, body FROM states WHERE shard = ?`
	insertState = `INSERT INTO states (shard, revision, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	updateState = `UPDATE states SET revision = revision + 1, body = ? WHERE shard = ? AND revision = ?`
)

// ShardState implements storage.States.
func (s *Store) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	var body []byte
	state := monitor.ShardState{Shard: shard}
	var revision int64
	err := s.read.get(ctx, selectState, []any{shard}, &revision, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return state, nil
	}
	if err == nil {
		err = s.parse(body, &state)
	}
	state.Revision = revision
	return state, s.fault(err)
}

// SaveShardState implements storage.States.
func (s *Store) SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error) {
	body, err := json.Marshal(state)
	if err != nil {
		return 0, s.fault(err)
	}
	err = s.write.submit(ctx, func(tx *tx) error {
		return swap(tx, "the shard's states have", state.Revision,
			statement{insertState, []any{state.Shard, body}},
			statement{updateState, []any{body, state.Shard, state.Revision}})
	})
	if err != nil {
		return 0, s.fault(err)
	}
	return state.Revision + 1, nil
}
