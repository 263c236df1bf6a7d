package couchbasetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// Prepared starts a node whose buckets are made for the monitor: all have the
// scope, the collections of both metadata and results, and the indexes. Without buckets in the
// options there is one, named monitor.
func Prepared(t testing.TB, o Options) *Node {
	t.Helper()
	if len(o.Buckets) == 0 {
		o.Buckets = []Bucket{{Name: "monitor", Quota: 256}}
	}
	n := Start(t, o)
	for _, b := range o.Buckets {
		if err := n.Prepare(b.Name); err != nil {
			t.Fatalf("prepare bucket %s: %v", b.Name, err)
		}
	}
	return n
}

// Prepare makes the monitor's scope, collections and indexes in a bucket that has
// none of them, and writes there that the layout is at its version.
func (n *Node) Prepare(bucket string) error {
	if _, err := n.documents.CreateScope(bucket, layout.Scope); err != nil {
		return err
	}
	for _, name := range slices.Concat(layout.Metadata(), layout.Results()) {
		if _, err := n.documents.CreateCollection(bucket, layout.Scope, Collection{Name: name}); err != nil {
			return err
		}
	}
	if err := n.web.indexes.prepare(bucket); err != nil {
		return err
	}
	return n.documents.Put(Place{bucket, layout.Scope, layout.Installation}, Document{
		Key: layout.Schema, Value: fmt.Appendf(nil, `{"by":"couchbasetest","version":%d}`, layout.Version),
	})
}
