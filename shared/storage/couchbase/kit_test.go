package couchbase_test

import (
	"errors"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// start is when what the tests keep begins.
const start = monitor.Instant(1_777_593_600_000)

// long keeps everything for longer than any test's data is old.
func long() couchbase.Options {
	const keep = 400 * 24 * time.Hour
	return couchbase.Options{Retention: keep, Keep: couchbase.Keep{Minutes: keep, Hours: keep, Days: keep, Claims: keep}}
}

// prepared starts a node with these buckets, or with one.
func prepared(t testing.TB, buckets ...string) *couchbasetest.Node {
	t.Helper()
	var options couchbasetest.Options
	for _, name := range buckets {
		options.Buckets = append(options.Buckets, couchbasetest.Bucket{Name: name})
	}
	return couchbasetest.Prepared(t, options)
}

func settingsOf(node *couchbasetest.Node) couchbase.Settings {
	settings := couchbase.Settings{Bucket: "monitor", Buckets: []string{"monitor"}}
	settings.Link.Address = node.Address()
	settings.Link.User, settings.Link.Password = couchbasetest.DefaultUser, couchbasetest.DefaultPassword
	return settings
}

// opened opens a store on the node, as one process does, until the test ends.
func opened(t testing.TB, node *couchbasetest.Node) *couchbase.Store {
	t.Helper()
	return openedWith(t, settingsOf(node), long())
}

func openedWith(t testing.TB, settings couchbase.Settings, options couchbase.Options) *couchbase.Store {
	t.Helper()
	store, err := couchbase.Open(t.Context(), settings, options)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return store
}

// several opens a store for each of n processes.
func several(t testing.TB, node *couchbasetest.Node, n int) []*couchbase.Store {
	t.Helper()
	stores := make([]*couchbase.Store, n)
	for i := range stores {
		stores[i] = opened(t, node)
	}
	return stores
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %q, want none", err)
	}
}

// must returns the value, and ends the test on an error.
func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func wantCode(t testing.TB, err error, want monitor.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want code %s", err, want)
	}
}

// wantAllWell wants no error at all.
func wantAllWell(t testing.TB, errs []error) {
	t.Helper()
	failed := map[string]int{}
	for _, err := range errs {
		if err != nil {
			failed[err.Error()]++
		}
	}
	for text, times := range failed {
		t.Errorf("got error %s %d times, want none", text, times)
	}
}
