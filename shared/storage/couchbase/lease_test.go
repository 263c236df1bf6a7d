package couchbase_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestLeaseOnStandIn(t *testing.T) {
	t.Parallel()
	const lease = 12 * time.Second // a machine that stands still for less than 8 s of it loses no lease
	silent := func(error, time.Duration) {}
	on := func(t *testing.T, node *couchbasetest.Node) *couchbase.Store {
		t.Helper()
		settings := couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
		settings.Link.Address = node.Address()
		settings.Link.User, settings.Link.Password = couchbasetest.DefaultUser, couchbasetest.DefaultPassword
		store, err := couchbase.Open(t.Context(), settings, couchbase.Options{Lease: lease})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	t.Run("keeps others away while it is renewed, and lets them in at once when it is given up", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		release, _, err := on(t, node).Alone(t.Context(), "one", silent)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := on(t, node).Alone(t.Context(), "two", silent); !errors.Is(err, monitor.Conflict) {
			t.Errorf("got %v, want code %s", err, monitor.Conflict)
		}
		release()
		release, _, err = on(t, node).Alone(t.Context(), "two", silent)
		if err != nil {
			t.Fatalf("once it is given up: %v", err)
		}
		release()
	})
	t.Run("who has to wait is told by whom and how long, once, before the wait", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		release, _, err := on(t, node).Alone(t.Context(), "one", silent)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		second, _, err := on(t, node).Alone(t.Context(), "two", func(who error, longest time.Duration) {
			told++
			if !errors.Is(who, monitor.Conflict) || !strings.Contains(who.Error(), "another monitor (one)") || longest < lease {
				t.Errorf("got told %v and %s, want that it is the one, and %s at least", who, longest, lease)
			}
			release()
		})
		if err != nil || told != 1 {
			t.Fatalf("got %v, told %d times, want to get it once the first one has been released by who was told", err, told)
		}
		second()
		if third, _, err := on(t, node).Alone(t.Context(), "three", func(error, time.Duration) { told++ }); err != nil || told != 1 {
			t.Errorf("got %v, told %d times, want to get it without a wait", err, told)
		} else {
			third()
		}
	})
	t.Run("the same owner takes it over at once, from a process that lives on and learns of it", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		release, lost, err := on(t, node).Alone(t.Context(), "one", silent)
		if err != nil {
			t.Fatal(err)
		}
		second, _, err := on(t, node).Alone(t.Context(), "one", silent)
		if err != nil {
			t.Fatalf("the same owner: %v", err)
		}
		defer second()
		select {
		case <-lost:
		case <-time.After(time.Minute):
			t.Error("the first one was not told")
		}
		release()
		if _, _, err := on(t, node).Alone(t.Context(), "two", silent); !errors.Is(err, monitor.Conflict) {
			t.Errorf("beside the second one: got %v, want code %s", err, monitor.Conflict)
		}
	})
	t.Run("that another has taken over is told to the one who had it", func(t *testing.T) {
		t.Parallel()
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		release, lost, err := on(t, node).Alone(t.Context(), "one", silent)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		use := couchbasetest.Place{Bucket: "monitor", Scope: "monitor", Collection: "installation"}
		if err := node.Documents().Put(use, couchbasetest.Document{Key: "use", Value: []byte(`{"alone":true,"owner":"two"}`)}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-lost:
		case <-time.After(time.Minute):
			t.Error("the first one was not told")
		}
	})
}
