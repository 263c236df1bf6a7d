package couchbase_test

import (
	"cmp"
	"crypto/rand"
	"os"
	"testing"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/migrate"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// TestScopesOfOneCluster walks the way of the suite on a real cluster at the
// stand-in: two stores in scopes of their own, made by the migration, see nothing
// of each other, and nothing of them is left.
func TestScopesOfOneCluster(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor", Quota: 256}}})
	place := inScopes(settingsOf(node))
	t.Run("stores", func(t *testing.T) {
		one, other := place(t)(t), place(t)(t)
		for _, store := range []storage.Store{one, other} {
			check(t, store.Ready(t.Context()))
			t.Cleanup(func() { check(t, store.Close()) })
		}
		check(t, one.AppendTail(t.Context(), 1, start, []byte("row")))
		check(t, one.PutIncident(t.Context(), monitor.Incident{ID: "a", Namespace: "shop", Endpoint: "shop/a", Started: start, Sequence: 1}))
		for name, test := range map[string]struct {
			store storage.Store
			want  int
		}{"its own": {one, 1}, "another": {other, 0}} {
			rows := must(test.store.TailRows(t.Context(), 1, 0, 10))(t)
			incidents := must(test.store.Incidents(t.Context(), storage.IncidentFilter{Limit: 10}))(t)
			if len(rows) != test.want || len(incidents) != test.want {
				t.Errorf("%s: got %d rows and %d incidents, want %d of each", name, len(rows), len(incidents), test.want)
			}
		}
	})
	manifest, err := node.Documents().Manifest("monitor")
	if err != nil || len(manifest.Scopes) != 2 {
		t.Errorf("got %d scopes in the end (%v), want the two that each bucket has", len(manifest.Scopes), err)
	}
}

// TestContractOnRealCluster runs where COUCHBASE_CONN names a cluster, whose
// bucket COUCHBASE_BUCKET, or else monitor, is there. It makes scopes of its own,
// test-…, and removes them.
func TestContractOnRealCluster(t *testing.T) {
	address := os.Getenv("COUCHBASE_CONN")
	if address == "" {
		t.Skip("NOT RUN: COUCHBASE_CONN, COUCHBASE_USER and COUCHBASE_PASSWORD name no cluster; all other tests stand on the stand-in")
	}
	bucket := cmp.Or(os.Getenv("COUCHBASE_BUCKET"), "monitor")
	storagetest.Run(t, inScopes(couchbase.Settings{
		Link: link.Settings{
			Address: address, User: os.Getenv("COUCHBASE_USER"), Password: monitor.Secret(os.Getenv("COUCHBASE_PASSWORD")),
			Authority: os.Getenv("COUCHBASE_CA"), Plain: true,
		},
		Bucket: bucket, Buckets: []string{bucket},
	}))
}

// inScopes returns places in one bucket of a cluster, each in a scope that goes
// with its test.
func inScopes(settings couchbase.Settings) func(t testing.TB) storagetest.Place {
	return func(t testing.TB) storagetest.Place {
		t.Helper()
		mine := settings
		mine.Link.Scope = "test-" + rand.Text()
		_, err := migrate.Run(t.Context(), mine, migrate.Options{Tell: func(line string) { t.Log(line) }})
		check(t, err)
		t.Cleanup(func() { dropScope(t, mine) })
		return func(t testing.TB) storage.Store {
			t.Helper()
			store, err := couchbase.Open(t.Context(), mine, long())
			check(t, err)
			return store
		}
	}
}

func dropScope(t testing.TB, settings couchbase.Settings) {
	t.Helper()
	opened, err := link.Open(settings.Link, link.Options{})
	check(t, err)
	scopes := opened.Bucket(settings.Bucket).CollectionsV2()
	check(t, scopes.DropScope(settings.Link.Scope, &gocb.DropScopeOptions{}))
	check(t, opened.Close())
}
