package migrate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/migrate"
)

// create makes buckets, too.
func create() migrate.Options { return migrate.Options{Create: true} }

// settingsOf are those of a process that works with the node.
func settingsOf(node *couchbasetest.Node) couchbase.Settings {
	return couchbase.Settings{
		Link:   link.Settings{Address: node.Address(), User: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword},
		Bucket: "meta", Buckets: []string{"results", "meta"},
	}
}

// migrated runs a migration that has to end well.
func migrated(t *testing.T, settings couchbase.Settings, options migrate.Options) migrate.Report {
	t.Helper()
	options.Tell = func(line string) { t.Log(line) }
	report, err := migrate.Run(t.Context(), settings, options)
	if err != nil {
		t.Fatalf("the migration ended: %v", err)
	}
	return report
}

// shape is all that a migration makes on a node, in words.
func shape(t *testing.T, node *couchbasetest.Node) []string {
	t.Helper()
	var lines []string
	for _, bucket := range node.Documents().Buckets() {
		lines = append(lines, fmt.Sprintf("bucket %s: %d MB, replicas %d", bucket.Name, bucket.Quota, bucket.Replicas))
		manifest, err := node.Documents().Manifest(bucket.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, scope := range manifest.Scopes {
			if scope.Name != layout.Scope {
				continue
			}
			for _, collection := range scope.Collections {
				lines = append(lines, fmt.Sprintf("%s: %s, at most %s", bucket.Name, collection.Name, collection.MaxTTL))
			}
		}
	}
	slices.Sort(lines)
	for _, index := range node.Web().Indexes() {
		lines = append(lines, fmt.Sprintf("index %+v", index))
	}
	return lines
}

// changes are the requests that changed something.
func changes(node *couchbasetest.Node) []string {
	var made []string
	for name, count := range node.Web().Counts() {
		if !strings.HasPrefix(name, "GET ") && !strings.HasPrefix(name, "index states") {
			made = append(made, fmt.Sprintf("%s %d times", name, count.Requests))
		}
	}
	return append(made, fmt.Sprintf("%d changes of documents", node.Documents().Changes()))
}

func TestRun(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	settings := settingsOf(node)
	planned := migrated(t, settings, migrate.Options{Create: true, Plan: true})
	if got := changes(node); !slices.Equal(got, []string{"0 changes of documents"}) {
		t.Fatalf("a plan: got the changes %q, want none", got)
	}
	first := migrated(t, settings, create())
	whole := shape(t, node)
	if len(planned.Steps) != 26 || len(first.Steps) < 25 {
		t.Errorf("got %d steps planned and %d done, want 26, and all but that of waiting", len(planned.Steps), len(first.Steps))
	}
	node.Web().ResetCounts()
	before := node.Documents().Changes()
	second := migrated(t, settings, create())
	if got, want := changes(node), []string{fmt.Sprintf("%d changes of documents", before)}; !slices.Equal(got, want) || second.Steps != nil {
		t.Errorf("the second time: got the steps %q and changes %q, want none but %q", second.Steps, got, want)
	}
	if diff := cmp.Diff(whole, shape(t, node)); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
	if want := "Couchbase Server 7.6.2, Enterprise Edition, nodes: 1"; second.Cluster != want || len(second.Buckets) != 2 {
		t.Errorf("got the report %+v, want %s and two buckets", second, want)
	}
}

// TestPrepared holds the nodes that other tests start from to what a migration
// makes.
func TestPrepared(t *testing.T) {
	t.Parallel()
	prepared := couchbasetest.Prepared(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "meta", Quota: 256}}})
	made := couchbasetest.Start(t, couchbasetest.Options{Cluster: couchbasetest.Cluster{Edition: "community"}})
	settings := settingsOf(made)
	settings.Buckets = []string{"meta"}
	migrated(t, settings, create())
	if diff := cmp.Diff(shape(t, prepared), shape(t, made)); diff != "" {
		t.Errorf("what tests start from (-) is not what a migration makes (+):\n%s", diff)
	}
	settings.Link.Address = prepared.Address()
	if report := migrated(t, settings, migrate.Options{}); report.Steps != nil {
		t.Errorf("got the steps %q for what tests start from, want none", report.Steps)
	}
}

// TestEditions makes what each edition can do.
func TestEditions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cluster couchbasetest.Cluster
		options migrate.Options
		want    []string
	}{
		"enterprise": {
			couchbasetest.Cluster{Nodes: 3},
			migrate.Options{Create: true, Replicas: -1, IndexReplicas: 2},
			[]string{"bucket meta: 256 MB, replicas 1", "meta: tail, at most 87600h0m0s", "meta: states, at most 0s", "Replicas:2"},
		},
		"community": {
			couchbasetest.Cluster{Nodes: 3, Edition: "community"},
			migrate.Options{Create: true, Replicas: 2, Quota: 100},
			[]string{"bucket meta: 100 MB, replicas 2", "meta: tail, at most 0s", "Replicas:0"},
		},
		"one node of three for documents": {
			couchbasetest.Cluster{Nodes: 3, Idle: 2},
			migrate.Options{Create: true, Replicas: -1, IndexReplicas: 2},
			[]string{"bucket meta: 256 MB, replicas 0", "Replicas:2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := couchbasetest.Start(t, couchbasetest.Options{Cluster: test.cluster})
			migrated(t, settingsOf(node), test.options)
			got := strings.Join(shape(t, node), "\n")
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant among it %s", got, want)
				}
			}
		})
	}
}

// TestScope keeps what belongs to another scope as it is.
func TestScope(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	before := shape(t, node)
	settings := couchbase.Settings{Link: settingsOf(node).Link, Bucket: "monitor", Buckets: []string{"monitor"}}
	settings.Link.Scope = "another"
	if report := migrated(t, settings, migrate.Options{}); len(report.Steps) < 15 {
		t.Errorf("got the steps %q, want all of a new scope", report.Steps)
	}
	after := slices.DeleteFunc(shape(t, node), func(line string) bool { return strings.Contains(line, "Scope:another") })
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the scope monitor (-before +after):\n%s", diff)
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node    couchbasetest.Options
		change  func(s *couchbase.Settings)
		options migrate.Options
		code    monitor.Code
		want    string
	}{
		"a user who may not": {
			couchbasetest.Options{Cluster: couchbasetest.Cluster{Reader: couchbasetest.DefaultUser}},
			nil, create(), monitor.Forbidden,
			`create the bucket meta: 256 MB on each node, replicas 0: the user "Administrator" may not do that`,
		},
		"a wrong password": {
			couchbasetest.Options{},
			func(s *couchbase.Settings) { s.Link.Password = "wrong" }, create(), monitor.Forbidden,
			`the cluster refuses the user "Administrator": check MONITOR_COUCHBASE_USER and its password`,
		},
		"too little memory": {
			couchbasetest.Options{Cluster: couchbasetest.Cluster{Memory: 300}},
			nil, create(), monitor.Invalid,
			"create the bucket results: 256 MB on each node, replicas 0: the cluster refuses it: ",
		},
		"too few nodes for the indexes": {
			couchbasetest.Options{},
			nil,
			migrate.Options{Create: true, IndexReplicas: 1},
			monitor.Invalid,
			"create the index ix_incidents_time: replicas 1: the cluster has too few nodes with the index service: ",
		},
		"a server that is too old": {
			couchbasetest.Options{Cluster: couchbasetest.Cluster{Version: "7.1.4"}},
			nil, create(), monitor.Invalid,
			"the cluster runs Couchbase Server 7.1.4: the monitor needs 7.2 or later",
		},
		"no bucket": {
			couchbasetest.Options{},
			nil,
			migrate.Options{},
			monitor.Invalid,
			"the user sees no bucket meta, results: make it, or let the migration do so (-buckets)",
		},
		"options that cannot be": {
			couchbasetest.Options{},
			nil,
			migrate.Options{Quota: 99, Replicas: 3, IndexReplicas: 4},
			monitor.Invalid,
			"the memory of a bucket must be at least 100 MB, got 99\na bucket can have up to 2 replicas, got 3",
		},
		"settings that cannot be": {
			couchbasetest.Options{},
			func(s *couchbase.Settings) { s.Bucket = "a b" }, create(), monitor.Invalid,
			"MONITOR_BUCKET: must be",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := settingsOf(couchbasetest.Start(t, test.node))
			if test.change != nil {
				test.change(&settings)
			}
			_, err := migrate.Run(t.Context(), settings, test.options)
			if monitor.CodeOf(err) != test.code || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got code %s and error %v\nwant %s and %s…", monitor.CodeOf(err), err, test.code, test.want)
			}
		})
	}
}

// TestNewerLayout leaves a cluster alone that a newer program has prepared.
func TestNewerLayout(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	err := node.Documents().Put(
		couchbasetest.Place{Bucket: "monitor", Scope: layout.Scope, Collection: layout.Installation},
		couchbasetest.Document{Key: layout.Schema, Value: []byte(`{"version":2}`)},
	)
	if err != nil {
		t.Fatal(err)
	}
	settings := couchbase.Settings{Link: settingsOf(node).Link, Bucket: "monitor", Buckets: []string{"monitor", "more"}}
	_, err = migrate.Run(t.Context(), settings, create())
	if monitor.CodeOf(err) != monitor.Invalid || len(node.Documents().Buckets()) != 1 {
		t.Errorf("got error %v and %d buckets, want a refusal and one", err, len(node.Documents().Buckets()))
	}
}
