package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	selectRevision  = `SELECT revision FROM catalog`
	selectEndpoints = `SELECT body FROM endpoints ORDER BY key`
	selectChannels  = `SELECT body FROM channels ORDER BY key`
	raiseRevision   = `UPDATE catalog SET revision = revision + 1`
	putEndpoint     = `INSERT INTO endpoints (key, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`
	deleteEndpoint  = `DELETE FROM endpoints WHERE key = ?`
	putChannel      = `INSERT INTO channels (key, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`
	deleteChannel   = `DELETE FROM channels WHERE key = ?`
)

// CatalogRevision implements storage.Catalog.
func (s *Store) CatalogRevision(ctx context.Context) (int64, error) {
	var revision int64
	err := s.read.get(ctx, selectRevision, nil, &revision)
	return revision, s.fault(err)
}

// Catalog implements storage.Catalog.
func (s *Store) Catalog(ctx context.Context) (monitor.Catalog, error) {
	snapshot, err := s.read.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return monitor.Catalog{}, s.fault(err)
	}
	defer func() { _ = snapshot.Rollback() }()
	var catalog monitor.Catalog
	err = snapshot.QueryRowContext(ctx, selectRevision).Scan(&catalog.Revision)
	if err == nil {
		catalog.Endpoints, err = bodies[monitor.Endpoint](ctx, s, snapshot, selectEndpoints)
	}
	if err == nil {
		catalog.Channels, err = bodies[monitor.Channel](ctx, s, snapshot, selectChannels)
	}
	if err != nil {
		return monitor.Catalog{}, s.fault(err)
	}
	return catalog, nil
}

func bodies[T any](ctx context.Context, s *Store, snapshot *sql.Tx, query string) ([]T, error) {
	rows, err := snapshot.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []T
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		var value T
		if err := s.parse(body, &value); err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, rows.Err()
}

// ChangeCatalog implements storage.CatalogWriter.
func (s *Store) ChangeCatalog(ctx context.Context, base int64, change monitor.CatalogChange) (int64, error) {
	statements, err := catalogStatements(base+1, change)
	if err != nil {
		return 0, s.fault(err)
	}
	err = s.write.submit(ctx, func(tx *tx) error { return changeCatalog(tx, base, statements) })
	if err != nil {
		return 0, s.fault(err)
	}
	if len(statements) == 0 {
		return base, nil
	}
	return base + 1, nil
}

// changeCatalog runs the statements if the catalog is still at base.
func changeCatalog(tx *tx, base int64, statements []statement) error {
	var revision int64
	if err := tx.get(selectRevision, nil, &revision); err != nil {
		return err
	}
	if revision != base {
		return monitor.Errorf(monitor.Conflict,
			"the catalog has changed since revision %d: read again, then change again", base)
	}
	if len(statements) == 0 {
		return nil
	}
	statements = append(statements, statement{raiseRevision, nil})
	for _, s := range statements {
		if _, err := tx.exec(s.query, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func catalogStatements(revision int64, change monitor.CatalogChange) ([]statement, error) {
	var statements []statement
	for _, key := range change.DeleteEndpoints {
		statements = append(statements, statement{deleteEndpoint, []any{key}})
	}
	for _, key := range change.DeleteChannels {
		statements = append(statements, statement{deleteChannel, []any{key}})
	}
	for _, endpoint := range change.PutEndpoints {
		endpoint.Revision = revision
		body, err := json.Marshal(endpoint)
		if err != nil {
			return nil, monitor.Wrap(monitor.Invalid, err, "endpoint %s cannot be kept", endpoint.Key())
		}
		statements = append(statements, statement{putEndpoint, []any{endpoint.Key(), body}})
	}
	for _, channel := range change.PutChannels {
		body, err := json.Marshal(channel)
		if err != nil {
			return nil, monitor.Wrap(monitor.Invalid, err, "channel %s cannot be kept", channel.Key())
		}
		statements = append(statements, statement{putChannel, []any{channel.Key(), body}})
	}
	return statements, nil
}
