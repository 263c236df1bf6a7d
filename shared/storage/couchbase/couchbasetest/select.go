package couchbasetest

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// plan is a SELECT that is known, whose parameters are given, and that an index
// serves.
type plan struct {
	*sqlpp.Selection
	only string // the condition of the index; empty: none
}

// plan reads a statement of the registry and holds the request to it.
func (w *Web) plan(statement string, asked *queryRequest) (*plan, error) {
	known, ok := w.lookup(statement)
	if !ok {
		return nil, sqlpp.Errorf(3000, "the stand-in knows the statements of the registry only, and this is none: %s", statement)
	}
	selected, err := sqlpp.Select(statement)
	if err != nil {
		return nil, err
	}
	if selected.Keyspace == sqlpp.SystemIndexes {
		return &plan{Selection: selected}, nil
	}
	if asked.bucket == "" {
		return nil, sqlpp.Errorf(12003, "Keyspace not found in CB datastore: default:%s", selected.Keyspace)
	}
	if _, ok := w.documents.collectionUID(Place{asked.bucket, asked.scope, selected.Keyspace}); !ok {
		return nil, sqlpp.Errorf(12003, "Keyspace not found in CB datastore: default:%s.%s.%s", asked.bucket, asked.scope, selected.Keyspace)
	}
	index, ok := w.indexes.serving(asked.bucket, asked.scope, known.Index)
	if !ok || index.place.Collection != selected.Keyspace || !selected.Bounds(index.Keys[0]) || !selected.Bounds(index.Condition) {
		return nil, noIndex(asked, selected.Keyspace)
	}
	return &plan{selected, index.Condition}, nil
}

// noIndex is what a server says that has neither a fitting index nor a primary one.
func noIndex(asked *queryRequest, keyspace string) *sqlpp.Error {
	return sqlpp.Errorf(4000, "No index available on keyspace `default`:`%s`.`%s`.`%s` that matches your query. Use CREATE PRIMARY INDEX "+
		"to create a primary index, or check that your expected index is online.", asked.bucket, asked.scope, keyspace)
}

// sel evaluates a planned statement.
func (w *Web) sel(ctx context.Context, planned *plan, asked *queryRequest) ([]json.RawMessage, error) {
	if err := sameParams(planned.Params, asked.params); err != nil {
		return nil, err
	}
	documents, err := w.rowsOf(planned.Selection, asked)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	rows, served, err := planned.Evaluate(sqlpp.Evaluation{Rows: documents, Params: asked.params, Only: planned.only})
	if err == nil && !served {
		return nil, noIndex(asked, planned.Keyspace)
	}
	return rows, err
}

// sameParams refuses a parameter that is missing, as a server does, and one that
// the statement does not have, which a server would pass over.
func sameParams(wanted []string, given map[string]any) error {
	for _, name := range wanted {
		if _, ok := given[name]; !ok {
			return sqlpp.Errorf(5010, "Error evaluating filter - cause: No value for named parameter: $%s", name)
		}
	}
	for name := range given {
		if !slices.Contains(wanted, name) {
			return sqlpp.Errorf(1065, "Unrecognized parameter in request: $%s", name)
		}
	}
	return nil
}

// rowsOf returns what a selection may see of its keyspace.
func (w *Web) rowsOf(s *sqlpp.Selection, asked *queryRequest) ([]sqlpp.Row, error) {
	if s.Keyspace == sqlpp.SystemIndexes {
		return systemRows(w.indexes.poll()), nil
	}
	place := Place{asked.bucket, asked.scope, s.Keyspace}
	documents, err := w.documents.All(place)
	if err != nil {
		return nil, err
	}
	if asked.ScanConsistency != "request_plus" && asked.ScanConsistency != "statement_plus" {
		documents = w.history.seen(place, documents, asked.vectors)
	}
	var rows []sqlpp.Row
	for _, d := range documents {
		var fields map[string]json.RawMessage
		if json.Unmarshal(d.Value, &fields) != nil {
			continue
		}
		read := sqlpp.Row{}
		for _, name := range s.Fields {
			raw, ok := fields[name]
			if !ok {
				continue
			}
			if read[name], err = sqlpp.Scalar(raw); err != nil {
				return nil, sqlpp.Errorf(5000, "document %s: field %s is %v", d.Key, name, err)
			}
		}
		rows = append(rows, read)
	}
	return rows, nil
}

// systemRows are the indexes as system:indexes shows them.
func systemRows(all []index) []sqlpp.Row {
	var rows []sqlpp.Row
	for _, i := range all {
		rows = append(rows, sqlpp.Row{
			"name": i.Name, "state": i.state, "condition": i.Condition, "using": "gsi", "namespace_id": "default",
			"bucket_id": i.place.Bucket, "scope_id": i.place.Scope, "keyspace_id": i.place.Collection,
		})
	}
	return rows
}
