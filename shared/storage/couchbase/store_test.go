package couchbase_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// collection returns documents of the node as they are.
func collection(t testing.TB, node *couchbasetest.Node, name string) *link.Collection {
	t.Helper()
	connection, err := link.Open(settingsOf(node).Link, link.Options{})
	check(t, err)
	t.Cleanup(func() { check(t, connection.Close()) })
	return connection.Collection("monitor", name)
}

// migrated sets the version of the schema; 0 removes it.
func migrated(t testing.TB, documents *link.Collection, version int) {
	t.Helper()
	check(t, documents.Remove(t.Context(), []string{layout.Schema}))
	if version > 0 {
		body := fmt.Appendf(nil, `{"version":%d}`, version)
		must(documents.Swap(t.Context(), link.Write{Key: layout.Schema, Body: body}, link.Active))(t)
	}
}

func TestAStoreWaitsForTheMigration(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	documents := collection(t, node, layout.Installation)
	store := opened(t, node)
	for _, test := range []struct {
		version int
		want    monitor.Code
		says    string
	}{
		{0, monitor.Unavailable, "go run ./scripts/couchbase migrate"},
		{layout.Version + 1, monitor.Unavailable, "start a newer monitor"},
		{layout.Version, "", ""},
	} {
		migrated(t, documents, test.version)
		_, wrote := store.SaveShardState(t.Context(), monitor.ShardState{Shard: test.version})
		_, read := store.Latest(t.Context(), 1)
		for _, err := range []error{store.Ready(t.Context()), wrote, read} {
			if monitor.CodeOf(err) != test.want || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("version %d: got error %v, want code %q that says %q", test.version, err, test.want, test.says)
			}
		}
	}
	migrated(t, documents, layout.Version+1)
	wantCode(t, store.Ready(t.Context()), monitor.Unavailable)
}

// TestAStoreOpensWhileTheClusterIsAway opens one of a node that is down, and finds
// it well once the node is up.
func TestAStoreOpensWhileTheClusterIsAway(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	node.Stop()
	store := opened(t, node)
	limited, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	wantCode(t, store.Ready(limited), monitor.Unavailable)
	check(t, node.Restart())
	wantSoon(t, func() error { return store.Ready(t.Context()) })
	must(store.SaveClaim(t.Context(), claim(start)))(t)
}

// wantSoon calls until there is no error, for a minute at most.
func wantSoon(t testing.TB, call func() error) {
	t.Helper()
	limit := time.Now().Add(time.Minute)
	for {
		err := call()
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("got error %v for a minute, want none at last", err)
		}
	}
}

// hands is a clock that tests set.
type hands struct{ at atomic.Int64 }

func (h *hands) now() time.Time       { return time.UnixMilli(h.at.Load()) }
func (h *hands) add(by time.Duration) { h.at.Add(by.Milliseconds()) }

func TestClaimsAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	clock := &hands{}
	clock.at.Store(int64(start))
	node := couchbasetest.Prepared(t, couchbasetest.Options{Clock: clock.now})
	store := openedWith(t, settingsOf(node), couchbase.Options{Clock: clock.now})
	first := must(store.SaveClaim(t.Context(), claim(start)))(t)
	clock.add(6 * 24 * time.Hour)
	again := claim(start)
	again.Revision = first
	must(store.SaveClaim(t.Context(), again))(t)
	if got := must(store.Claims(t.Context(), 0, start+600_000))(t); len(got) != 1 {
		t.Errorf("got %d claims after six days, want 1", len(got))
	}
	clock.add(25 * time.Hour)
	_, err := store.Claim(t.Context(), start)
	wantCode(t, err, monitor.NotFound)
}

// TestWhatIsPlacedStays places namespaces and shards from several processes at
// once, and then with one bucket more, and with one less.
func TestWhatIsPlacedStays(t *testing.T) {
	t.Parallel()
	node := prepared(t, "monitor", "first", "second", "third")
	settings := settingsOf(node)
	settings.Buckets = []string{"first", "second"}
	const names = 40
	stores := []*couchbase.Store{openedWith(t, settings, long()), openedWith(t, settings, long()), openedWith(t, settings, long())}
	placed := make([][]string, len(stores))
	wantAllWell(t, storagetest.Together(len(stores), func(i int) (err error) {
		placed[i], err = places(t, stores[i], names)
		return err
	}))
	if got, want := fmt.Sprint(placed[1], placed[2]), fmt.Sprint(placed[0], placed[0]); got != want {
		t.Errorf("got places %s, want the same of all: %s", got, want)
	}
	wantSpread(t, placed[0], 2)

	settings.Buckets = []string{"third", "second", "first"}
	more := openedWith(t, settings, long())
	grown := must(places(t, more, 3*names))(t)
	wantSpread(t, grown, 3)
	for i, want := range placed[0][:names] {
		store := openedWith(t, settings, long())
		if got := must(store.NamespaceBucket(t.Context(), fmt.Sprintf("namespace-%d", i)))(t); got != want {
			t.Errorf("got namespace %d moved to %s, want it where it was, in %s", i, got, want)
		}
	}

	settings.Buckets = []string{"second", "third"}
	_, err := places(t, openedWith(t, settings, long()), names)
	if !errors.Is(err, monitor.Unavailable) || !strings.Contains(err.Error(), "must name the bucket first") {
		t.Errorf("got error %v, want one that names the bucket first", err)
	}
}

// TestNothingIsPlacedInABucketThatIsNotThere names a bucket by mistake, and then
// mends the setting.
func TestNothingIsPlacedInABucketThatIsNotThere(t *testing.T) {
	t.Parallel()
	settings := settingsOf(prepared(t, "monitor"))
	settings.Buckets = []string{"mistaken"}
	_, err := openedWith(t, settings, long()).ShardBucket(t.Context(), 0)
	wantCode(t, err, monitor.Unavailable)
	if err == nil || !strings.Contains(err.Error(), "there is no bucket mistaken") {
		t.Errorf("got error %v, want one that names the bucket", err)
	}
	settings.Buckets = []string{"monitor"}
	if got := must(openedWith(t, settings, long()).ShardBucket(t.Context(), 0))(t); got != "monitor" {
		t.Errorf("got the shard placed in %q, want monitor", got)
	}
}

// places returns the buckets of n namespaces, and then of n shards.
func places(t testing.TB, store *couchbase.Store, n int) ([]string, error) {
	t.Helper()
	var found []string
	for i := range 2 * n {
		bucket, err := store.ShardBucket(t.Context(), max(i-n, 0))
		if i < n {
			bucket, err = store.NamespaceBucket(t.Context(), fmt.Sprintf("namespace-%d", i))
		}
		if err != nil {
			return nil, err
		}
		found = append(found, bucket)
	}
	return found, nil
}

// wantSpread wants each of so many buckets to have something.
func wantSpread(t testing.TB, placed []string, buckets int) {
	t.Helper()
	counts := map[string]int{}
	for _, bucket := range placed {
		counts[bucket]++
	}
	if len(counts) != buckets {
		t.Errorf("got %v, want some of all in each of %d buckets", counts, buckets)
	}
	for bucket, n := range counts {
		if n < len(placed)/buckets/4 {
			t.Errorf("got %d of %d in bucket %s, want about the same in each", n, len(placed), bucket)
		}
	}
}
