package couchbase

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

const (
	maxPage    = 500                      // rows that one statement gives at most
	maxQueries = 8                        // statements that one list asks at once
	endless    = monitor.Instant(1) << 52 // behind every start, and still a whole number to JSON
)

// incidentRow is the place of one incident, as an index has it.
type incidentRow struct {
	ID      string          `json:"id"`
	Started monitor.Instant `json:"started"`
}

func byPlace(a, b incidentRow) int {
	return cmp.Or(cmp.Compare(b.Started, a.Started), cmp.Compare(a.ID, b.ID))
}

// incidentRange is what is left of a list: what comes behind before, and starts no
// earlier than from.
type incidentRange struct {
	from   monitor.Instant
	before incidentRow
}

// rangeOf returns the range of a filter; an empty ID comes before all others.
func rangeOf(filter storage.IncidentFilter) incidentRange {
	left := incidentRange{from: -endless, before: incidentRow{Started: endless}}
	if filter.From != 0 {
		left.from = filter.From
	}
	if filter.To != 0 {
		left.before.Started = filter.To - 1
	}
	if after := (incidentRow{ID: filter.After.ID, Started: filter.After.Started}); filter.After != (storage.IncidentCursor{}) && byPlace(after, left.before) > 0 {
		left.before = after
	}
	return left
}

// Incidents implements storage.Incidents. The query service says where incidents
// are in the list, and each of them is read by its key and held to the filter
// again: an index may lag behind.
func (s *Store) Incidents(ctx context.Context, filter storage.IncidentFilter) ([]monitor.Incident, error) {
	if filter.Limit < 1 {
		return nil, monitor.FieldErrorf("limit", "must be at least 1, got %d", filter.Limit)
	}
	collection, err := s.metadata(ctx, layout.Incidents)
	if err != nil {
		return nil, err
	}
	var incidents []monitor.Incident
	left := rangeOf(filter)
	for len(incidents) < filter.Limit && left.from <= left.before.Started {
		wanted := min(filter.Limit-len(incidents), maxPage)
		rows, err := incidentRows(ctx, collection, filter, left, wanted)
		if err != nil {
			return nil, err
		}
		found, err := readIncidents(ctx, collection, rows)
		if err != nil {
			return nil, err
		}
		incidents = append(incidents, slices.DeleteFunc(found, func(one monitor.Incident) bool { return !passes(filter, one) })...)
		if len(rows) < wanted {
			break
		}
		left.before = rows[len(rows)-1]
	}
	return incidents, nil
}

func passes(filter storage.IncidentFilter, one monitor.Incident) bool {
	return (filter.Namespaces == nil || slices.Contains(filter.Namespaces, one.Namespace)) &&
		(filter.Endpoint == "" || filter.Endpoint == one.Endpoint) &&
		(!filter.Open || one.Ended == 0)
}

func readIncidents(ctx context.Context, collection *link.Collection, rows []incidentRow) ([]monitor.Incident, error) {
	keys := make([]string, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, incidentKey(row.ID))
	}
	documents, err := collection.GetAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	incidents := make([]monitor.Incident, 0, len(rows))
	for i, found := range documents {
		var stored incidentDocument
		if err := parse(keys[i], found, &stored); err != nil {
			return nil, err
		}
		if found.CAS != 0 {
			incidents = append(incidents, stored.Incident)
		}
	}
	return incidents, nil
}

// incidentRows returns the first rows of the range, wanted at most: of several
// namespaces one statement each, merged.
func incidentRows(ctx context.Context, collection *link.Collection, filter storage.IncidentFilter, left incidentRange, wanted int) ([]incidentRow, error) {
	queries := incidentQueries(filter)
	parts := make([][]incidentRow, len(queries))
	tasks := make([]func() error, len(queries))
	for i, query := range queries {
		query.params["from"], query.params["before"] = left.from, left.before.Started
		query.params["id"], query.params["limit"] = left.before.ID, wanted
		tasks[i] = func() error {
			return collection.Query(ctx, statements.Incidents(query.page), query.params, func(row []byte) error {
				var one incidentRow
				if err := json.Unmarshal(row, &one); err != nil {
					return monitor.Wrap(monitor.Internal, err, "the query service gives a row that is none")
				}
				parts[i] = append(parts[i], one)
				return nil
			})
		}
	}
	if err := together(maxQueries, tasks); err != nil {
		return nil, err
	}
	rows := slices.SortedFunc(slices.Values(slices.Concat(parts...)), byPlace)
	return rows[:min(len(rows), wanted)], nil
}

// incidentQuery is a statement with the parameters that say whose incidents.
type incidentQuery struct {
	page   statements.IncidentPage
	params map[string]any
}

func incidentQueries(filter storage.IncidentFilter) []incidentQuery {
	switch {
	case filter.Endpoint != "":
		page := statements.IncidentPage{By: statements.EndpointIncidents, Open: filter.Open}
		return []incidentQuery{{page, map[string]any{"endpoint": filter.Endpoint}}}
	case filter.Namespaces == nil:
		return []incidentQuery{{statements.IncidentPage{By: statements.AllIncidents, Open: filter.Open}, map[string]any{}}}
	}
	var queries []incidentQuery
	page := statements.IncidentPage{By: statements.NamespaceIncidents, Open: filter.Open}
	for _, namespace := range slices.Compact(slices.Sorted(slices.Values(filter.Namespaces))) {
		queries = append(queries, incidentQuery{page, map[string]any{"namespace": namespace}})
	}
	return queries
}
