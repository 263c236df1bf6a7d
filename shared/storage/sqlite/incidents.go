package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

const (
	putIncident = `INSERT INTO incidents (id, namespace, endpoint, started, ended, sequence, body)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET namespace = excluded.namespace, endpoint = excluded.endpoint,
			started = excluded.started, ended = excluded.ended, sequence = excluded.sequence, body = excluded.body
		WHERE excluded.sequence > sequence`
	selectIncident  = `SELECT body FROM incidents WHERE id = ?`
	selectIncidents = `SELECT body FROM incidents`
)

// PutIncident implements storage.Incidents.
func (s *Store) PutIncident(ctx context.Context, incident monitor.Incident) error {
	body, err := json.Marshal(incident)
	if err != nil {
		return s.fault(err)
	}
	return s.fault(s.write.submit(ctx, func(tx *tx) error {
		_, err := tx.exec(putIncident, incident.ID, incident.Namespace, incident.Endpoint,
			int64(incident.Started), int64(incident.Ended), incident.Sequence, body)
		return err
	}))
}

// Incident implements storage.Incidents.
func (s *Store) Incident(ctx context.Context, id string) (monitor.Incident, error) {
	var body []byte
	var incident monitor.Incident
	err := s.read.get(ctx, selectIncident, []any{id}, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return incident, monitor.Errorf(monitor.NotFound, "there is no incident %q", id)
	}
	if err == nil {
		err = s.parse(body, &incident)
	}
	return incident, s.fault(err)
}

// Incidents implements storage.Incidents.
func (s *Store) Incidents(ctx context.Context, filter storage.IncidentFilter) ([]monitor.Incident, error) {
	if filter.Limit < 1 {
		return nil, monitor.FieldErrorf("limit", "must be at least 1, got %d", filter.Limit)
	}
	query, args := incidentQuery(filter)
	var incidents []monitor.Incident
	err := s.read.each(ctx, query, args, func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		var incident monitor.Incident
		err := s.parse(body, &incident)
		incidents = append(incidents, incident)
		return err
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return incidents, nil
}

// incidentQuery holds only the terms that the filter needs, so that the engine
// can take the index that fits.
func incidentQuery(filter storage.IncidentFilter) (string, []any) {
	var terms []string
	var args []any
	add := func(term string, values ...any) {
		terms = append(terms, term)
		args = append(args, values...)
	}
	switch {
	case len(filter.Namespaces) == 1:
		add("namespace = ?", filter.Namespaces[0])
	case filter.Namespaces != nil:
		names, _ := json.Marshal(filter.Namespaces) // strings always encode
		add("namespace IN (SELECT value FROM json_each(?))", string(names))
	}
	if filter.Endpoint != "" {
		add("endpoint = ?", filter.Endpoint)
	}
	if filter.Open {
		add("ended = 0")
	}
	if filter.From != 0 {
		add("started >= ?", int64(filter.From))
	}
	if filter.To != 0 {
		add("started < ?", int64(filter.To))
	}
	if after := filter.After; after != (storage.IncidentCursor{}) {
		add("started <= ? AND (started < ? OR id > ?)", int64(after.Started), int64(after.Started), after.ID)
	}
	query := selectIncidents
	if len(terms) > 0 {
		query += " WHERE " + strings.Join(terms, " AND ")
	}
	return query + " ORDER BY started DESC, id LIMIT ?", append(args, filter.Limit)
}
