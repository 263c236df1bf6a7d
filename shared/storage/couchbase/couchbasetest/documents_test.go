package couchbasetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// connect returns the client of a cluster, as its users have it but for time-outs.
func connect(t *testing.T, n *couchbasetest.Node) *gocb.Cluster {
	t.Helper()
	return login(t, n, couchbasetest.DefaultUser, couchbasetest.DefaultPassword)
}

func login(t *testing.T, n *couchbasetest.Node, user, password string) *gocb.Cluster {
	t.Helper()
	cluster, err := gocb.Connect(n.Address()+"?server_wait_backoff=10&kv_buffer_size=262144", gocb.ClusterOptions{
		Authenticator:        gocb.PasswordAuthenticator{Username: user, Password: password},
		Tracer:               &gocb.NoopTracer{},
		Meter:                &gocb.NoopMeter{},
		OrphanReporterConfig: gocb.OrphanReporterConfig{Disabled: true},
		TimeoutsConfig:       gocb.TimeoutsConfig{KVTimeout: time.Minute, KVDurableTimeout: time.Minute},
		TransactionsConfig: gocb.TransactionsConfig{CleanupConfig: gocb.TransactionsCleanupConfig{
			DisableClientAttemptCleanup: true, DisableLostAttemptCleanup: true,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Close(nil) })
	return cluster
}

// collection returns the collection tail of a node of its own.
func collection(t *testing.T, o couchbasetest.Options) (*couchbasetest.Node, *gocb.Collection) {
	t.Helper()
	n := couchbasetest.Prepared(t, o)
	return n, connect(t, n).Bucket("monitor").Scope("monitor").Collection("tail")
}

func TestDocumentsAreSwappedByTheirCAS(t *testing.T) {
	t.Parallel()
	_, c := collection(t, couchbasetest.Options{})
	first, err := c.Insert("k", map[string]int{"n": 1}, nil)
	if err != nil {
		t.Fatalf("insert: %v", err)
	}
	if _, err := c.Insert("k", map[string]int{"n": 2}, nil); !errors.Is(err, gocb.ErrDocumentExists) {
		t.Errorf("got %v of a second insert, want that the document exists", err)
	}
	second, err := c.Replace("k", map[string]int{"n": 3}, &gocb.ReplaceOptions{Cas: first.Cas()})
	if err != nil {
		t.Fatalf("replace: %v", err)
	}
	if second.Cas() <= first.Cas() || int64(second.Cas()) <= 0 {
		t.Errorf("got CAS %d after %d, want more, and below 2^63", second.Cas(), first.Cas())
	}
	if _, err := c.Replace("k", 1, &gocb.ReplaceOptions{Cas: first.Cas()}); !errors.Is(err, gocb.ErrCasMismatch) {
		t.Errorf("got %v of a replace by an old CAS, want a mismatch", err)
	}
	found, err := c.Get("k", nil)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	var body map[string]int
	if err := found.Content(&body); err != nil || body["n"] != 3 || found.Cas() != second.Cas() {
		t.Errorf("got %v at CAS %d (%v), want n 3 at %d", body, found.Cas(), err, second.Cas())
	}
	if _, err := c.Remove("k", &gocb.RemoveOptions{Cas: first.Cas()}); !errors.Is(err, gocb.ErrCasMismatch) {
		t.Errorf("got %v of a removal by an old CAS, want a mismatch", err)
	}
	if _, err := c.Remove("k", nil); err != nil {
		t.Errorf("remove: %v", err)
	}
	for name, err := range map[string]error{
		"get":     second2(c.Get("k", nil)),
		"remove":  second2(c.Remove("k", nil)),
		"replace": second2(c.Replace("k", 1, nil)),
		"touch":   second2(c.Touch("k", time.Minute, nil)),
	} {
		if !errors.Is(err, gocb.ErrDocumentNotFound) {
			t.Errorf("got %v of a %s of what is not there, want not found", err, name)
		}
	}
	if _, err := c.Upsert("k", 1, nil); err != nil {
		t.Errorf("upsert: %v", err)
	}
}

func second2[T any](_ T, err error) error { return err }
