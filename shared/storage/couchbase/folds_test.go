package couchbase_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// seen is a result of an endpoint, seconds after the clocks begin.
func seen(endpoint string, seconds int) monitor.Result {
	due := tailBegin.Add(time.Duration(seconds) * time.Second)
	return monitor.Result{
		Endpoint: endpoint, Location: "local", Due: due, Start: due + 1, Kind: monitor.Scheduled,
		Outcome: monitor.Passed, Micros: 1500, Status: 200,
	}
}

func windowWith(results ...monitor.Result) monitor.Window {
	key := monitor.WindowOf(&results[0])
	return monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start, Rows: results}
}

func packWith(tier monitor.Tier, endpoint string) monitor.Pack {
	start := tier.PackStart(tailBegin)
	return monitor.Pack{Tier: tier, Endpoint: endpoint, Location: "local", Start: start, Cells: []monitor.Cell{{Start: start, Passed: 1}}}
}

// documents returns all documents of a collection of a bucket.
func (c *sharedCluster) documents(bucket, collection string) []couchbasetest.Document {
	c.Helper()
	all, err := c.Documents().All(couchbasetest.Place{Bucket: bucket, Scope: layout.Scope, Collection: collection})
	if err != nil {
		c.Fatalf("look at %s: %v", collection, err)
	}
	return all
}

func TestFoldedDocumentsExpire(t *testing.T) {
	t.Parallel()
	c := newSharedCluster(t)
	const keep = 20 * 24 * time.Hour // beyond thirty days the client goes by the system's clock
	store := openedWith(c, settingsOf(c.Node), couchbase.Options{Clock: c.clock, Keep: couchbase.Keep{Hours: keep}})
	c.append(store, "{}")
	fold := storage.Fold{Windows: []monitor.Window{windowWith(seen("shop/cart", 0))}}
	for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
		fold.Packs = append(fold.Packs, packWith(tier, "shop/cart"))
	}
	want := map[string]time.Time{
		"t:0:1":                                  tailBegin.Time().Add(7 * 24 * time.Hour),
		"w:shop/cart@local:1772366400000":        tailBegin.Time().Add(7*24*time.Hour + 10*time.Minute),
		"r:minute:shop/cart@local:1772366400000": tailBegin.Time().Add(49 * time.Hour),
		"r:hour:shop/cart@local:1772323200000":   time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Add(keep),
		"r:day:shop/cart@local:1772323200000":    time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Add(2 * 365 * 24 * time.Hour),
	}
	for range 2 { // inserted, then replaced
		if err := store.CommitFold(t.Context(), fold); err != nil {
			t.Fatal(err)
		}
		found := map[string]time.Time{}
		for _, collection := range []string{layout.Tail, layout.Windows, layout.Rollups} {
			for _, document := range c.documents("monitor", collection) {
				found[document.Key] = document.Expiry.UTC()
			}
		}
		near := cmp.Comparer(func(a, b time.Time) bool { return a.Sub(b).Abs() <= 2*time.Second })
		if diff := cmp.Diff(want, found, near); diff != "" {
			t.Errorf("got other ends than want (-want +got):\n%s", diff)
		}
		windows, err := store.Windows(t.Context(), []monitor.WindowKey{monitor.WindowOf(&fold.Windows[0].Rows[0])})
		if err != nil {
			t.Fatal(err)
		}
		fold.Windows = windows
		keys := make([]monitor.PackKey, len(fold.Packs))
		for i, p := range fold.Packs {
			keys[i] = monitor.PackKey{Tier: p.Tier, Endpoint: p.Endpoint, Location: p.Location, Start: p.Start}
		}
		if fold.Packs, err = store.Packs(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("and what has is not written", func(t *testing.T) {
		c.pass(9 * 24 * time.Hour)
		if err := store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{windowWith(seen("shop/cart", 0))}}); err != nil {
			t.Fatal(err)
		}
		if found := c.documents("monitor", layout.Windows); len(found) != 0 {
			t.Errorf("got %d windows, want none", len(found))
		}
	})
}

// TestFoldsAreOnMostNodes holds every write of a fold, and of the tail, to
// majority: rows leave the tail since they are in windows and rollups, so those
// must not be lost with one node.
func TestFoldsAreOnMostNodes(t *testing.T) {
	t.Parallel()
	c := newSharedCluster(t)
	store := c.process(0)
	c.append(store, "{}")
	err := store.CommitFold(t.Context(), storage.Fold{
		Windows: []monitor.Window{windowWith(seen("shop/cart", 0))}, Packs: []monitor.Pack{packWith(monitor.Hours, "shop/cart")},
		Latest: []monitor.Result{seen("shop/cart", 0)}, Folded: 1, Drop: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, collection := range layout.Results() {
		wantOnMostNodes(t, c.Node, collection)
	}
}

func TestResultsOfNamespacesInTheirBuckets(t *testing.T) {
	t.Parallel()
	c := &sharedCluster{TB: t}
	names := []string{"monitor", "results-1", "results-2", "results-3"}
	var buckets []couchbasetest.Bucket
	for _, name := range names {
		buckets = append(buckets, couchbasetest.Bucket{Name: name})
	}
	c.Node = couchbasetest.Prepared(t, couchbasetest.Options{Clock: c.clock, Buckets: buckets})
	store := c.processWith(names[1:], 0)
	var fold storage.Fold
	var keys []monitor.WindowKey
	for n := range 40 {
		window := windowWith(seen("team-"+strconv.Itoa(n)+"/cart", n))
		fold.Windows = append(fold.Windows, window)
		fold.Packs = append(fold.Packs, packWith(monitor.Hours, window.Endpoint))
		keys = append(keys, monitor.WindowOf(&window.Rows[0]))
	}
	if err := store.CommitFold(t.Context(), fold); err != nil {
		t.Fatal(err)
	}
	windows, err := store.Windows(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	for i := range windows {
		if len(windows[i].Rows) != 1 || windows[i].Rows[0].Endpoint != keys[i].Endpoint {
			t.Errorf("got %+v, want the window of %s", windows[i], keys[i].Endpoint)
		}
		cells, err := store.Cells(t.Context(), storage.Series{Tier: monitor.Hours, Endpoint: keys[i].Endpoint, Location: "local"}, 0, tailBegin)
		if err != nil || len(cells) != 1 {
			t.Errorf("%s: got %d cells and %v, want 1", keys[i].Endpoint, len(cells), err)
		}
	}
	for _, bucket := range names {
		found := len(c.documents(bucket, layout.Windows))
		if (bucket == "monitor") != (found == 0) || found == 40 {
			t.Errorf("%s: got %d windows, want the results spread over the buckets of results", bucket, found)
		}
		if rollups := len(c.documents(bucket, layout.Rollups)); rollups != found {
			t.Errorf("%s: got %d rollups, want as many as windows, %d", bucket, rollups, found)
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	c := newSharedCluster(t)
	store := c.process(24 * time.Hour)
	long := "shop/" + strings.Repeat("x", 100)
	first, second := seen(long, 0), seen(long, 0)
	first.Location, second.Location = strings.Repeat("here", 60)+"1", strings.Repeat("here", 60)+"2"
	if err := store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{windowWith(first), windowWith(second)}}); err != nil {
		t.Fatal(err)
	}
	t.Run("of names that are too long for a key is kept apart", func(t *testing.T) {
		got, err := store.Results(t.Context(), long, second.Location, 0, tailBegin.Add(time.Hour))
		if err != nil || len(got) != 1 || got[0].Location != second.Location {
			t.Errorf("got %+v and %v, want the one of %s", got, err, second.Location)
		}
	})
	t.Run("asks for no more than what can be stored", func(t *testing.T) {
		c.ResetCounts()
		if _, err := store.Results(t.Context(), "shop/cart", "local", 0, 1<<50); err != nil {
			t.Fatal(err)
		}
		if got := c.Counts().Of(memd.CmdGet, layout.Windows).Requests; got > 2*146 {
			t.Errorf("got %d requests, want 292 at most", got)
		}
	})
	t.Run("that is damaged names the document", func(t *testing.T) {
		place := couchbasetest.Place{Bucket: "monitor", Scope: layout.Scope, Collection: layout.Windows}
		if err := c.Documents().Put(place, couchbasetest.Document{Key: "w:shop/cart@local:1772366400000", Value: []byte(`{"rows":[[1]]}`)}); err != nil {
			t.Fatal(err)
		}
		_, err := store.Results(t.Context(), "shop/cart", "local", tailBegin, tailBegin+1)
		if !errors.Is(err, monitor.Internal) || !strings.Contains(err.Error(), "w:shop/cart@local:1772366400000") {
			t.Errorf("got error %v, want code %s and the document's name", err, monitor.Internal)
		}
	})
	t.Run("of times and tiers that cannot be is invalid", func(t *testing.T) {
		_, windows := store.Windows(t.Context(), []monitor.WindowKey{{Endpoint: "shop/cart", Start: 1}})
		_, packs := store.Packs(t.Context(), []monitor.PackKey{{Tier: "year", Endpoint: "shop/cart"}})
		_, cells := store.Cells(t.Context(), storage.Series{Tier: "year", Endpoint: "shop/cart"}, 0, tailBegin)
		put := store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{{Tier: monitor.Hours, Endpoint: "shop/cart", Start: 5}}})
		for _, err := range []error{windows, packs, cells, put} {
			if !errors.Is(err, monitor.Invalid) {
				t.Errorf("got error %v, want code %s", err, monitor.Invalid)
			}
		}
	})
}
