package couchbasetest

import (
	"context"
	"encoding/json"
	"slices"
)

// plan is a SELECT that is known, whose parameters are given, and that an index
// serves.
type plan struct {
	*selection
	only map[string]string
}

// plan reads a statement of the registry and holds the request to it.
func (w *Web) plan(statement string, asked *queryRequest) (*plan, error) {
	known, ok := w.lookup(statement)
	if !ok {
		return nil, queryErrorf(3000, "the stand-in knows the statements of the registry only, and this is none: %s", statement)
	}
	selected, err := readSelection(statement)
	if err != nil {
		return nil, err
	}
	if slices.Contains(selected.keyspaces, systemIndexes) {
		return &plan{selection: selected}, nil
	}
	if asked.bucket == "" {
		return nil, queryErrorf(12003, "Keyspace not found in CB datastore: default:%s", selected.keyspaces[0])
	}
	for _, name := range selected.keyspaces {
		if _, ok := w.documents.collectionUID(Place{asked.bucket, asked.scope, name}); !ok {
			return nil, queryErrorf(12003, "Keyspace not found in CB datastore: default:%s.%s.%s", asked.bucket, asked.scope, name)
		}
	}
	index, ok := w.indexes.serving(asked.bucket, asked.scope, known.Index)
	if !ok || !slices.Contains(selected.keyspaces, index.place.Collection) {
		return nil, noIndex(asked, selected.keyspaces[0])
	}
	planned := &plan{selection: selected, only: map[string]string{}}
	if index.condition != "" {
		if !selected.names(index.condition) {
			return nil, noIndex(asked, selected.keyspaces[0])
		}
		planned.only[index.place.Collection] = index.condition
	}
	return planned, nil
}

// noIndex is what a server says that has neither a fitting index nor a primary one.
func noIndex(asked *queryRequest, keyspace string) *queryError {
	return queryErrorf(4000, "No index available on keyspace `default`:`%s`.`%s`.`%s` that matches your query. Use CREATE PRIMARY INDEX "+
		"to create a primary index, or check that your expected index is online.", asked.bucket, asked.scope, keyspace)
}

// sel evaluates a planned statement.
func (w *Web) sel(ctx context.Context, planned *plan, asked *queryRequest) ([]json.RawMessage, error) {
	if err := sameParams(planned.params, asked.params); err != nil {
		return nil, err
	}
	e := evaluation{rows: map[string][]row{}, params: asked.params, only: planned.only}
	for _, name := range planned.keyspaces {
		rows, err := w.rowsOf(name, planned.selection, asked)
		if err != nil {
			return nil, err
		}
		e.rows[name] = rows
	}
	rows, served, err := planned.evaluate(ctx, e)
	if err == nil && !served {
		return nil, noIndex(asked, planned.keyspaces[0])
	}
	return rows, err
}

// sameParams refuses a parameter that is missing, as a server does, and one that
// the statement does not have, which a server would pass over.
func sameParams(wanted []string, given map[string]any) error {
	for _, name := range wanted {
		if _, ok := given[name]; !ok {
			return queryErrorf(5010, "Error evaluating filter - cause: No value for named parameter: $%s", name)
		}
	}
	for name := range given {
		if !slices.Contains(wanted, name) {
			return queryErrorf(1065, "Unrecognized parameter in request: $%s", name)
		}
	}
	return nil
}

// rowsOf returns what a selection may see of a keyspace.
func (w *Web) rowsOf(name string, s *selection, asked *queryRequest) ([]row, error) {
	if name == systemIndexes {
		return systemRows(w.indexes.poll()), nil
	}
	place := Place{asked.bucket, asked.scope, name}
	documents, err := w.documents.All(place)
	if err != nil {
		return nil, err
	}
	if asked.ScanConsistency != "request_plus" && asked.ScanConsistency != "statement_plus" {
		documents = w.history.seen(place, documents, asked.vectors)
	}
	var rows []row
	for _, d := range documents {
		var fields map[string]json.RawMessage
		if json.Unmarshal(d.Value, &fields) != nil {
			continue
		}
		read := row{}
		for _, name := range s.fields {
			raw, ok := fields[name]
			if !ok {
				continue
			}
			if read[name], err = scalar(raw); err != nil {
				return nil, queryErrorf(5000, "document %s: field %s is %v", d.Key, name, err)
			}
		}
		rows = append(rows, read)
	}
	return rows, nil
}

// systemRows are the indexes as system:indexes shows them.
func systemRows(all []index) []row {
	var rows []row
	for _, i := range all {
		rows = append(rows, row{
			"name": i.name, "state": i.state, "condition": i.condition, "using": "gsi", "namespace_id": "default",
			"bucket_id": i.place.Bucket, "scope_id": i.place.Scope, "keyspace_id": i.place.Collection,
		})
	}
	return rows
}
