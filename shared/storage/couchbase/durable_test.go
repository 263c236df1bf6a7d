package couchbase_test

import (
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// writes returns how many documents of a collection the node was asked to write,
// and how many of them on most nodes.
func writes(node *couchbasetest.Node, collection string) (all, safely int) {
	written := func(kind couchbasetest.Kind) bool {
		return kind.Collection == collection && (kind.Op == memd.CmdAdd || kind.Op == memd.CmdReplace || kind.Op == memd.CmdSet)
	}
	onMost := func(kind couchbasetest.Kind) bool {
		return written(kind) && kind.Durability == memd.DurabilityLevelMajority
	}
	counts := node.Counts()
	return counts.Sum(written).Requests, counts.Sum(onMost).Requests
}

// wantOnMostNodes wants all writes of the collections on most nodes, and some.
func wantOnMostNodes(t *testing.T, node *couchbasetest.Node, collections ...string) {
	t.Helper()
	some := false
	for _, collection := range collections {
		all, safely := writes(node, collection)
		if safely != all {
			t.Errorf("%s: got %d writes, %d of them to most nodes, want all", collection, all, safely)
		}
		some = some || all > 0
	}
	if !some {
		t.Error("got no writes, want some")
	}
}

// TestWhatIsDecidedAndToldStays does every deed: what it writes must not be lost
// with one node, and must not end by itself, but for claims.
func TestWhatIsDecidedAndToldStays(t *testing.T) {
	t.Parallel()
	for name, what := range deeds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := prepared(t)
			store := opened(t, node)
			check(t, made(t.Context(), store, what))
			check(t, what.do(t.Context(), store))
			wantOnMostNodes(t, node, layout.Metadata()...)
			for _, collection := range []string{layout.States, layout.Incidents, layout.Notices, layout.Catalog} {
				all := must(node.Documents().All(couchbasetest.Place{Bucket: "monitor", Scope: layout.Scope, Collection: collection}))(t)
				for _, document := range all {
					if !document.Expiry.IsZero() {
						t.Errorf("%s ends at %s, want never", document.Key, document.Expiry)
					}
				}
			}
		})
	}
	t.Run("what lies where, and who works alone", func(t *testing.T) {
		t.Parallel()
		node := prepared(t)
		store := opened(t, node)
		check(t, store.AppendTail(t.Context(), 1, start, []byte("row")))
		wantOnMostNodes(t, node, layout.Installation)
		node.ResetCounts()
		release, _, err := store.Alone(t.Context(), "one", func(error, time.Duration) {})
		check(t, err)
		defer release()
		wantOnMostNodes(t, node, layout.Installation)
	})
}
