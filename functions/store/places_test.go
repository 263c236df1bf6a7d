package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

// place is where the records of a test are: all drivers make the same of them.
type place func(b *bench) storage.Store

var places = map[string]place{"sqlite": onSQLite, "couchbase": onCouchbase}

func onSQLite(b *bench) storage.Store { return sqlitetest.Open(b) }

func onCouchbase(b *bench) storage.Store { return newCluster(b).open(b) }

// cluster is a stand-in node with a clock of its own.
type cluster struct {
	*couchbasetest.Node
	ahead atomic.Int64 // of the test's clock
}

func newCluster(b *bench) *cluster {
	b.Helper()
	c := &cluster{}
	c.Node = couchbasetest.Prepared(b, couchbasetest.Options{Clock: func() time.Time {
		return b.clock().Add(time.Duration(c.ahead.Load()))
	}})
	return c
}

// retention is longer than any test's story but one.
const retention = 20 * 24 * time.Hour

// open returns a store on the cluster.
func (c *cluster) open(b *bench) storage.Store {
	b.Helper()
	const long = retention + 24*time.Hour
	settings := couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
	settings.Link.Address = c.Address()
	settings.Link.User, settings.Link.Password = couchbasetest.DefaultUser, couchbasetest.DefaultPassword
	store, err := couchbase.Open(b.Context(), settings, couchbase.Options{
		Retention: retention, Keep: couchbase.Keep{Minutes: long, Hours: long, Days: long}, Clock: b.clock,
	})
	if err != nil {
		b.Fatalf("open the store: %v", err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Errorf("close the store: %v", err)
		}
	})
	return store
}

// onEach runs a test on records of each driver.
func onEach(t *testing.T, test func(t *testing.T, place place)) {
	for name, at := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, at)
		})
	}
}
