package couchbasetest_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	diff "github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// incident is what the registry's lists read of an incident.
type incident struct {
	ID        string `json:"id"`
	Namespace string `json:"namespace"`
	Endpoint  string `json:"endpoint"`
	Started   int64  `json:"started"`
	Open      bool   `json:"open"`
}

// page is a statement with parameters for all that it asks.
type page map[string]any

func whole() page {
	return page{"from": 0, "before": 1000, "id": "", "limit": 100}
}

func (p page) with(name string, value any) page {
	p = maps.Clone(p)
	p[name] = value
	return p
}

// listing is a node with incidents, some of which started at the same time.
func listing(t *testing.T, c couchbasetest.Cluster) (*couchbasetest.Node, *gocb.Scope, []incident) {
	t.Helper()
	node := couchbasetest.Prepared(t, couchbasetest.Options{Cluster: c})
	scope := connect(t, node).Bucket("monitor").Scope("monitor")
	var all []incident
	for i := range 12 {
		namespace := []string{"shop", "bank"}[i%2]
		stored := incident{
			ID: fmt.Sprintf("i%02d", (i*7)%12), Namespace: namespace, Endpoint: fmt.Sprintf("%s/e%d", namespace, i%4),
			Started: int64(10 * (i / 3)), Open: i%3 == 0,
		}
		if err := second2(scope.Collection("incidents").Insert("i:"+stored.ID, stored, nil)); err != nil {
			t.Fatal(err)
		}
		all = append(all, stored)
	}
	return node, scope, all
}

// wanted are the IDs that a page has, newest first, by the same words in Go.
func wanted(all []incident, s statements.Statement, p page) []string {
	var found []incident
	for _, i := range all {
		before := i.Started < int64(p["before"].(int)) || i.Started == int64(p["before"].(int)) && i.ID > p["id"].(string)
		after := i.Started >= int64(p["from"].(int)) || i.Started == int64(p["before"].(int))
		of := (p["namespace"] == nil || p["namespace"] == i.Namespace) && (p["endpoint"] == nil || p["endpoint"] == i.Endpoint)
		if before && after && of && (i.Open || !strings.HasPrefix(s.Name, "open")) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b incident) int {
		return cmp.Or(cmp.Compare(b.Started, a.Started), cmp.Compare(a.ID, b.ID))
	})
	var ids []string
	for _, i := range found[:min(len(found), p["limit"].(int))] {
		ids = append(ids, i.ID)
	}
	return ids
}

// ask runs a statement and returns its rows.
func ask(scope *gocb.Scope, s statements.Statement, p page, more ...func(*gocb.QueryOptions)) ([]map[string]any, error) {
	o := &gocb.QueryOptions{NamedParameters: p, Adhoc: !s.Prepared, Readonly: s.ReadOnly, Timeout: time.Minute}
	for _, change := range more {
		change(o)
	}
	answer, err := scope.Query(s.Text, o)
	if err != nil {
		return nil, err
	}
	rows := []map[string]any{}
	for answer.Next() {
		var row map[string]any
		if err := answer.Row(&row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, answer.Err()
}

func ids(rows []map[string]any) []string {
	var all []string
	for _, row := range rows {
		all = append(all, fmt.Sprint(row["id"]))
	}
	return all
}

func TestQueriesOfTheRegistryAreEvaluated(t *testing.T) {
	t.Parallel()
	_, scope, all := listing(t, couchbasetest.Cluster{})
	for _, statement := range statements.All() {
		t.Run(statement.Name, func(t *testing.T) {
			t.Parallel()
			base := whole()
			if slices.Contains(statement.Params, "namespace") {
				base = base.with("namespace", "shop")
			}
			if slices.Contains(statement.Params, "endpoint") {
				base = base.with("endpoint", "shop/e2")
			}
			for name, p := range map[string]page{
				"all": base, "a limit": base.with("limit", 2), "a start": base.with("from", 20), "an end": base.with("before", 20),
				"behind one": base.with("before", 20).with("id", "i06"), "none": base.with("before", 0).with("id", "z"),
			} {
				rows, err := ask(scope, statement, p)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if d := diff.Diff(wanted(all, statement, p), ids(rows)); d != "" {
					t.Errorf("%s (-want +got):\n%s", name, d)
				}
			}
		})
	}
}

func TestQueriesThatAreChangedGiveOtherRows(t *testing.T) {
	t.Parallel()
	original := statements.Incidents(statements.IncidentPage{By: statements.NamespaceIncidents})
	asked := whole().with("namespace", "shop").with("from", 0).with("before", 20).with("id", "i06").with("limit", 3)
	for old, other := range map[string]string{
		"i.`namespace` = $namespace": "i.`namespace` != $namespace",
		"i.started >= $from":         "i.started > $from",
		"i.started < $before":        "i.started <= $before",
		"i.started = $before":        "i.started = $from",
		"i.id > $id":                 "i.id >= $id",
		"i.started DESC":             "i.started",
		"DESC, i.id LIMIT":           "DESC, i.id DESC LIMIT",
		"LIMIT $limit":               "LIMIT $limit + 1",
	} {
		t.Run(other, func(t *testing.T) {
			t.Parallel()
			changed := original
			if changed.Text = strings.Replace(original.Text, old, other, 1); changed.Text == original.Text {
				t.Fatalf("the statement says %q nowhere: %s", old, original.Text)
			}
			_, scope, all := listing(t, couchbasetest.Cluster{Statements: []statements.Statement{original, changed}})
			same, err := ask(scope, original, asked)
			if d := diff.Diff(wanted(all, original, asked), ids(same)); err != nil || d != "" {
				t.Fatalf("got %v and (-want +got):\n%s", err, d)
			}
			rows, err := ask(scope, changed, asked)
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(ids(rows), ids(same)) {
				t.Errorf("got %v of both, want other rows", ids(rows))
			}
		})
	}
}

func TestQueriesKeepTheTypesOfFields(t *testing.T) {
	t.Parallel()
	statement := func(where string) statements.Statement {
		return statements.Statement{
			Name: where, Index: "ix_incidents_time", ReadOnly: true,
			Text: "SELECT i.id, i.open, i.part, i.weight FROM incidents AS i WHERE " + where + " ORDER BY i.id",
		}
	}
	tests := map[string]string{
		"i.started > 0 AND i.open = TRUE":               `[{"id":"a","open":true,"part":"1","weight":1.5}]`,
		"i.started > 0 AND i.open = 1":                  `[]`,
		"i.started > 0 AND i.part = \"1\"":              `[{"id":"a","open":true,"part":"1","weight":1.5}]`,
		"i.started > 0 AND i.part = 1":                  `[]`,
		"i.started > 0 AND i.weight IS MISSING":         `[{"id":"b","open":false,"part":null}]`,
		"i.started > 0 AND i.part IS NULL":              `[{"id":"b","open":false,"part":null}]`,
		"i.started > 0 AND i.nowhere = 1":               `[]`,
		"started > 0 AND `nowhere` IS MISSING AND open": `[{"id":"a","open":true,"part":"1","weight":1.5}]`,
	}
	var known []statements.Statement
	for where := range tests {
		known = append(known, statement(where))
	}
	node := couchbasetest.Prepared(t, couchbasetest.Options{Cluster: couchbasetest.Cluster{Statements: known}})
	scope := connect(t, node).Bucket("monitor").Scope("monitor")
	for key, body := range map[string]string{
		"a": `{"id":"a","started":1,"open":true,"part":"1","weight":1.5,"deep":{"id":"c"}}`,
		"b": `{"id":"b","started":1,"open":false,"part":null}`,
		"n": `"not an object"`,
	} {
		if err := second2(scope.Collection("incidents").Insert(key, json.RawMessage(body), nil)); err != nil {
			t.Fatal(err)
		}
	}
	for where, want := range tests {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			rows, err := ask(scope, statement(where), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(rows)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestQueriesAreRefused(t *testing.T) {
	t.Parallel()
	page := statements.Incidents(statements.IncidentPage{})
	of := func(text, index string) statements.Statement {
		return statements.Statement{Name: text, Text: text, Index: index, ReadOnly: true}
	}
	reserved := of("SELECT i.id FROM incidents AS i WHERE i.namespace = $id", "ix_incidents_time")
	elsewhere := of("SELECT i.id FROM nowhere AS i WHERE i.id = $id", "ix_incidents_time")
	unserved := of("SELECT i.id FROM incidents AS i WHERE i.id = $id", "ix_none")
	unordered := of("SELECT i.id, i.started FROM incidents AS i WHERE i.id > $id ORDER BY i.started", "ix_incidents_time")
	partly := of("SELECT i.id FROM incidents AS i WHERE i.id > $id AND i.started > 0", "ix_incidents_open")
	closed := of("SELECT i.id FROM incidents AS i WHERE i.id > $id AND i.started > 0 AND i.open = FALSE", "ix_incidents_open")
	known := []statements.Statement{page, reserved, elsewhere, unserved, unordered, partly, closed}
	_, scope, _ := listing(t, couchbasetest.Cluster{Statements: known})
	tests := map[string]struct {
		statement statements.Statement
		params    map[string]any
		code      uint32
		as        error
	}{
		"a statement that is not of the registry":    {of("SELECT i.id FROM incidents AS i", "ix_incidents_time"), nil, 3000, gocb.ErrParsingFailure},
		"a reserved word without backquotes":         {reserved, page1("i01"), 3000, gocb.ErrParsingFailure},
		"a collection that is not there":             {elsewhere, page1("i01"), 12003, gocb.ErrIndexFailure},
		"an index that is not there":                 {unserved, page1("i01"), 4000, gocb.ErrPlanningFailure},
		"an index whose first key it does not bound": {unordered, page1("i01"), 4000, gocb.ErrPlanningFailure},
		"an index that holds only a part":            {partly, page1("i01"), 4000, gocb.ErrPlanningFailure},
		"an index that holds the others":             {closed, page1(""), 4000, gocb.ErrPlanningFailure},
		"a parameter that is missing":                {page, page1("i01"), 5010, gocb.ErrInternalServerFailure},
		"a parameter that it does not have":          {page, whole().with("more", 1), 1065, nil},
		"an array as a parameter":                    {page, whole().with("id", []string{"i01"}), 1050, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(scope, test.statement, test.params)
			if code := codeOf(err); code != test.code || test.as != nil && !errors.Is(err, test.as) {
				t.Errorf("got %d, %v; want %d, %v", code, err, test.code, test.as)
			}
		})
	}
}

func page1(id string) page { return page{"id": id} }

// codeOf is the first code of a query's error; 0: it has none.
func codeOf(err error) uint32 {
	var failed *gocb.QueryError
	if !errors.As(err, &failed) || len(failed.Errors) == 0 {
		return 0
	}
	return failed.Errors[0].Code
}
