package couchbasetest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/couchbase/gocb/v2"
	diff "github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// bare is a scope with the collection incidents and no index.
func bare(t *testing.T, c couchbasetest.Cluster) (*couchbasetest.Node, *gocb.Scope) {
	t.Helper()
	node := couchbasetest.Start(t, couchbasetest.Options{Cluster: c, Buckets: []couchbasetest.Bucket{{Name: "monitor", Quota: 256}}})
	documents := node.Documents()
	if _, err := documents.CreateScope("monitor", "monitor"); err != nil {
		t.Fatal(err)
	}
	if _, err := documents.CreateCollection("monitor", "monitor", couchbasetest.Collection{Name: "incidents"}); err != nil {
		t.Fatal(err)
	}
	return node, connect(t, node).Bucket("monitor").Scope("monitor")
}

// define runs definitions, one after the other.
func define(scope *gocb.Scope, texts ...string) error {
	for _, text := range texts {
		if _, err := ask(scope, statements.Statement{Text: text}, nil); err != nil {
			return err
		}
	}
	return nil
}

// states reads the indexes of the scope, as "name state".
func states(t *testing.T, scope *gocb.Scope) []string {
	t.Helper()
	rows, err := ask(scope, statements.IndexStates(), page{"bucket": "monitor", "scope": "monitor"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		all = append(all, row["name"].(string)+" "+row["state"].(string))
	}
	slices.Sort(all)
	return all
}

func TestIndexesAreDefinedBuiltAndDropped(t *testing.T) {
	t.Parallel()
	t.Run("what the registry defines is deferred, built and online", func(t *testing.T) {
		t.Parallel()
		node, scope := bare(t, couchbasetest.Cluster{})
		node.Web().SlowBuilds(2)
		list := statements.Incidents(statements.IncidentPage{})
		var names []string
		for _, index := range statements.Indexes() {
			names = append(names, index.Name)
			if err := define(scope, index.Create(0).Text, index.Create(0).Text); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(names)
		for _, state := range []string{"deferred", "building", "building", "online"} {
			if got := states(t, scope); !slices.Equal(got, each(names, " "+state)) {
				t.Fatalf("got %v, want all %s", got, state)
			}
			if _, err := ask(scope, list, whole()); errors.Is(err, gocb.ErrPlanningFailure) != (state == "deferred") && state != "building" {
				t.Fatalf("%s: got %v", state, err)
			}
			if state == "deferred" {
				if err := define(scope, statements.Build("incidents", statements.Indexes()).Text); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := ask(scope, list, whole()); err != nil {
			t.Errorf("got %v, want a list", err)
		}
		if err := define(scope, statements.Indexes()[0].Drop().Text); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(scope, list, whole()); !errors.Is(err, gocb.ErrPlanningFailure) {
			t.Errorf("dropped: got %v, want ErrPlanningFailure", err)
		}
	})

	t.Run("a build waits for the one before it, and says so", func(t *testing.T) {
		t.Parallel()
		node, scope := bare(t, couchbasetest.Cluster{})
		node.Web().SlowBuilds(1)
		err := define(scope, `CREATE INDEX a ON incidents(id) WITH {"defer_build": true}`, `CREATE INDEX b ON incidents(id) WITH {"defer_build": true}`,
			"BUILD INDEX ON incidents(a)")
		if err != nil {
			t.Fatal(err)
		}
		err = define(scope, "BUILD INDEX ON incidents(b)")
		if codeOf(err) != 5000 || !strings.Contains(err.Error(), "Build Already In Progress") {
			t.Errorf("got %v, want 5000", err)
		}
		for _, want := range [][]string{{"a building", "b deferred"}, {"a online", "b building"}, {"a online", "b online"}} {
			if got := states(t, scope); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})

	t.Run("what is defined can be looked at", func(t *testing.T) {
		t.Parallel()
		node, scope := bare(t, couchbasetest.Cluster{Nodes: 3})
		node.Web().SlowBuilds(1)
		if err := define(scope, "CREATE INDEX b ON incidents(id, `open` DESC) WHERE open = TRUE WITH {\"defer_build\": true, \"num_replica\": 2}",
			"CREATE INDEX a ON incidents(id)"); err != nil {
			t.Fatal(err)
		}
		place := couchbasetest.Place{Bucket: "monitor", Scope: "monitor", Collection: "incidents"}
		want := []couchbasetest.Index{
			{Place: place, Name: "a", Keys: []string{"id"}, State: "online"},
			{Place: place, Name: "b", Keys: []string{"id", "`open` DESC"}, Condition: "open = TRUE", Replicas: 2, State: "deferred"},
		}
		if d := diff.Diff(want, node.Web().Indexes()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})

	t.Run("an index goes with its collection", func(t *testing.T) {
		t.Parallel()
		node, scope := bare(t, couchbasetest.Cluster{})
		if err := define(scope, "CREATE INDEX a ON incidents(id)"); err != nil {
			t.Fatal(err)
		}
		place := couchbasetest.Place{Bucket: "monitor", Scope: "monitor", Collection: "incidents"}
		if _, err := node.Documents().DropCollection(place); err != nil {
			t.Fatal(err)
		}
		if _, err := node.Documents().CreateCollection("monitor", "monitor", couchbasetest.Collection{Name: "incidents"}); err != nil {
			t.Fatal(err)
		}
		if got := states(t, scope); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
	})
}

func each(names []string, suffix string) []string {
	var all []string
	for _, name := range names {
		all = append(all, name+suffix)
	}
	return all
}

func TestDefinitionsAreRefused(t *testing.T) {
	t.Parallel()
	three, community := couchbasetest.Cluster{Nodes: 3}, couchbasetest.Cluster{Edition: "community", Nodes: 3}
	const replicas = `CREATE INDEX a ON incidents(id) WITH {"num_replica": 1}`
	tests := map[string]struct {
		cluster couchbasetest.Cluster
		text    string
		code    uint32
		as      error
	}{
		"an index that is there":              {three, "CREATE INDEX there ON incidents(id)", 4300, gocb.ErrIndexExists},
		"an index that is there, maybe":       {three, "CREATE INDEX there IF NOT EXISTS ON incidents(id)", 0, nil},
		"IF NOT EXISTS before the name":       {three, "CREATE INDEX IF NOT EXISTS a ON incidents(id)", 3000, gocb.ErrParsingFailure},
		"a reserved word as a name":           {three, "CREATE INDEX index ON incidents(id)", 3000, gocb.ErrParsingFailure},
		"a reserved word as a key":            {three, "CREATE INDEX a ON incidents(namespace)", 3000, gocb.ErrParsingFailure},
		"a key in backquotes":                 {three, "CREATE INDEX a ON incidents(`namespace`, LOWER(id) DESC) WHERE open = TRUE USING GSI", 0, nil},
		"words behind the end":                {three, "CREATE INDEX a ON incidents(id) AND MORE", 3000, gocb.ErrParsingFailure},
		"an unknown option":                   {three, `CREATE INDEX a ON incidents(id) WITH {"replicas": 1}`, 5000, gocb.ErrInternalServerFailure},
		"no collection":                       {three, "CREATE INDEX a ON nowhere(id)", 12003, nil},
		"replicas":                            {three, replicas, 0, nil},
		"replicas on one node":                {couchbasetest.Cluster{}, replicas, 5000, gocb.ErrInternalServerFailure},
		"replicas on Community":               {community, replicas, 5000, gocb.ErrInternalServerFailure},
		"parts on Community":                  {community, "CREATE INDEX a ON incidents(id) PARTITION BY HASH(id)", 5000, gocb.ErrInternalServerFailure},
		"parts":                               {three, "CREATE INDEX a ON incidents(id) PARTITION BY HASH(id)", 0, nil},
		"building what is not there":          {three, "BUILD INDEX ON incidents(a)", 12016, gocb.ErrIndexNotFound},
		"building what is built":              {three, "BUILD INDEX ON incidents(there)", 5000, gocb.ErrInternalServerFailure},
		"dropping what is not there":          {three, "DROP INDEX a ON incidents", 12016, gocb.ErrIndexNotFound},
		"dropping what is not there, maybe":   {three, "DROP INDEX a IF EXISTS ON incidents", 0, nil},
		"a quote that is not closed":          {three, "DROP INDEX `a ON incidents", 3000, gocb.ErrParsingFailure},
		"a primary index, which nobody needs": {three, "CREATE PRIMARY INDEX ON incidents", 3000, gocb.ErrParsingFailure},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, scope := bare(t, test.cluster)
			if err := define(scope, "CREATE INDEX there ON incidents(id)"); err != nil {
				t.Fatal(err)
			}
			err := define(scope, test.text)
			if codeOf(err) != test.code || (err != nil) != (test.code != 0) || test.as != nil && !errors.Is(err, test.as) {
				t.Errorf("got %v, want %d, %v", err, test.code, test.as)
			}
		})
	}

	t.Run("a change in a request that only reads", func(t *testing.T) {
		t.Parallel()
		_, scope := bare(t, couchbasetest.Cluster{})
		_, err := ask(scope, statements.Statement{Text: "CREATE INDEX a ON incidents(id)", ReadOnly: true}, nil)
		if codeOf(err) != 1000 {
			t.Errorf("got %v, want 1000", err)
		}
	})

	t.Run("a user who may manage nothing", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Prepared(t, couchbasetest.Options{
			Users: map[string]string{"reader": "secret"}, Cluster: couchbasetest.Cluster{Reader: "reader"},
		})
		scope := login(t, node, "reader", "secret").Bucket("monitor").Scope("monitor")
		if err := define(scope, "CREATE INDEX a ON incidents(id)"); !errors.Is(err, gocb.ErrAuthenticationFailure) {
			t.Errorf("got %v, want ErrAuthenticationFailure", err)
		}
		if got := states(t, scope); len(got) != len(statements.Indexes()) {
			t.Errorf("got %v, want the registry's", got)
		}
	})
}
