package couchbase_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// wantCatalog wants n endpoints, all with the name and of the revision.
func wantCatalog(t testing.TB, store *couchbase.Store, revision int64, n int, name string) {
	t.Helper()
	got := must(store.Catalog(t.Context()))(t)
	if got.Revision != revision || len(got.Endpoints) != n {
		t.Fatalf("got revision %d of %d endpoints, want %d of %d", got.Revision, len(got.Endpoints), revision, n)
	}
	for _, e := range got.Endpoints {
		if e.Name != name || e.Revision != revision {
			t.Fatalf("got %s named %.20s of revision %d, want %.20s of %d", e.Key(), e.Name, e.Revision, name, revision)
		}
	}
	if of := must(store.CatalogRevision(t.Context()))(t); of != revision {
		t.Errorf("got revision %d alone, want %d", of, revision)
	}
}

// keysOf returns the keys of the catalog's documents that begin so.
func keysOf(t testing.TB, node *couchbasetest.Node, prefix string) []string {
	t.Helper()
	all, err := node.Documents().All(couchbasetest.Place{Bucket: "monitor", Scope: layout.Scope, Collection: layout.Catalog})
	check(t, err)
	var keys []string
	for _, document := range all {
		if strings.HasPrefix(document.Key, prefix) {
			keys = append(keys, document.Key)
		}
	}
	return keys
}

// TestAChangeIsInForceBeforeItIsInThePages has writers fail on every page that they
// write, and in the middle of them.
func TestAChangeIsInForceBeforeItIsInThePages(t *testing.T) {
	t.Parallel()
	const n = 40
	for _, written := range []int{0, 7} {
		t.Run(fmt.Sprintf("%d pages are written", written), func(t *testing.T) {
			t.Parallel()
			node := prepared(t)
			stores := several(t, node, 3)
			must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(n, "first")))(t)
			fault := node.Faults().Add(couchbasetest.Fault{
				Ops: []memd.CmdCode{memd.CmdAdd, memd.CmdReplace}, Key: "page:*", Skip: written, Status: memd.StatusAccessError,
			})
			if got := must(stores[0].ChangeCatalog(t.Context(), 1, endpoints(n, "second")))(t); got != 2 {
				t.Errorf("got revision %d, want 2", got)
			}
			wantCatalog(t, stores[1], 2, n, "second")
			wantCatalog(t, stores[0], 2, n, "second")

			fault.Remove()
			_, err := stores[1].ChangeCatalog(t.Context(), 1, endpoints(n, "lost"))
			wantCode(t, err, monitor.Conflict)
			wantCatalog(t, stores[2], 2, n, "second")
			must(stores[1].ChangeCatalog(t.Context(), 2, endpoints(n, "third")))(t)
			wantCatalog(t, stores[2], 3, n, "third")
			if left := keysOf(t, node, "change:"); len(left) > 0 {
				t.Errorf("got %v left, want no change", left)
			}
		})
	}
}

// changing is a call that goes on in the background.
type changing chan error

func change(t testing.TB, store *couchbase.Store, base int64, what monitor.CatalogChange) changing {
	t.Helper()
	ended := make(changing, 1)
	go func() {
		_, err := store.ChangeCatalog(t.Context(), base, what)
		ended <- err
	}()
	return ended
}

// TestAHeldUpWriterChangesNothing has a writer insert its change where another's of
// the same revision has been and gone.
func TestAHeldUpWriterChangesNothing(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 3)
	must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(5, "first")))(t)
	goOn := make(chan struct{})
	held := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Key: "change:2", Times: 1, Hold: goOn})
	late := change(t, stores[0], 1, endpoints(9, "too late"))
	<-held.First()
	must(stores[1].ChangeCatalog(t.Context(), 1, endpoints(5, "second")))(t)
	close(goOn)
	wantCode(t, <-late, monitor.Conflict)
	wantCatalog(t, stores[2], 2, 5, "second")
	if left := keysOf(t, node, "change:"); len(left) > 0 {
		t.Errorf("got %v left, want no change", left)
	}
	must(stores[2].ChangeCatalog(t.Context(), 2, endpoints(5, "third")))(t)
	wantCatalog(t, stores[1], 3, 5, "third")
}

// TestADeadWriterThatWasHeldUpChangesNothing has the same writer die before it
// finds out, so that its change stays where nobody may believe it: least of all a
// writer that read the record before all this.
func TestADeadWriterThatWasHeldUpChangesNothing(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 4)
	must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(5, "first")))(t)
	insert, look := make(chan struct{}), make(chan struct{})
	held := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Key: "change:2", Times: 1, Hold: insert})
	late := change(t, stores[0], 1, endpoints(9, "too late"))
	<-held.First()
	held = node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Key: "change:2", Times: 1, Hold: look})
	trusting := change(t, stores[1], 1, endpoints(5, "never"))
	<-held.First()
	must(stores[2].ChangeCatalog(t.Context(), 1, endpoints(5, "second")))(t)
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Key: "change:2", Status: memd.StatusAccessError})
	close(insert)
	wantCode(t, <-late, monitor.Conflict)
	if left := keysOf(t, node, "change:2"); len(left) != 1 {
		t.Fatalf("got %v left, want the change of the late writer", left)
	}
	close(look)
	wantCode(t, <-trusting, monitor.Conflict)
	wantCatalog(t, stores[3], 2, 5, "second")
	must(stores[3].ChangeCatalog(t.Context(), 2, endpoints(5, "third")))(t)
	wantCatalog(t, stores[1], 3, 5, "third")
}

// TestAWriterKnowsItsChangeThatAnotherFinished has another writer finish the change
// before the first one looks whether it is in force.
func TestAWriterKnowsItsChangeThatAnotherFinished(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 2)
	must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(5, "first")))(t)
	goOn, looks := make(chan struct{}), make(chan (<-chan struct{}), 1)
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Key: "change:2", Times: 1, Before: func() {
		held := couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Key: "revision", Times: 1, Hold: goOn}
		looks <- node.Faults().Add(held).First()
	}})
	ours := change(t, stores[0], 1, endpoints(5, "second"))
	<-<-looks
	wantCode(t, <-change(t, stores[1], 1, endpoints(5, "lost")), monitor.Conflict)
	must(stores[1].ChangeCatalog(t.Context(), 2, endpoints(5, "third")))(t)
	close(goOn)
	check(t, <-ours)
	wantCatalog(t, stores[0], 3, 5, "third")
}

// TestReadersSeeOneRevision reads the catalog while its pages change.
func TestReadersSeeOneRevision(t *testing.T) {
	t.Parallel()
	const n, changes, readers = 30, 60, 3
	node := prepared(t)
	stores := several(t, node, readers+1)
	must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(n, "1")))(t)
	written := make(chan struct{})
	reads := make([]int, readers)
	errs := storagetest.Together(readers+1, func(i int) error {
		if i == readers {
			defer close(written)
			for base := int64(1); base < changes; base++ {
				if _, err := stores[i].ChangeCatalog(t.Context(), base, endpoints(n, fmt.Sprint(base+1))); err != nil {
					return err
				}
			}
			return nil
		}
		for seen := int64(0); ; reads[i]++ {
			select {
			case <-written:
				return nil
			default:
			}
			var err error
			if seen, err = wantWhole(t, stores[i], seen, n); err != nil {
				return err
			}
		}
	})
	wantAllWell(t, errs)
	wantCatalog(t, stores[0], changes, n, fmt.Sprint(changes))
	fmt.Printf("fault: %-32s changes %6d, read %8v, torn=0\n", "a catalog that changes", changes, reads)
}

// wantWhole wants all endpoints to be of one revision, which is none before seen.
func wantWhole(t testing.TB, store *couchbase.Store, seen int64, n int) (int64, error) {
	t.Helper()
	revision, err := store.CatalogRevision(t.Context())
	if err != nil {
		return 0, err
	}
	got, err := store.Catalog(t.Context())
	if err != nil {
		return 0, err
	}
	if revision < seen || got.Revision < revision || len(got.Endpoints) != n {
		return 0, fmt.Errorf("got %d endpoints of revision %d after %d and %d", len(got.Endpoints), got.Revision, seen, revision)
	}
	for _, e := range got.Endpoints {
		if e.Revision != got.Revision || e.Name != fmt.Sprint(got.Revision) {
			return 0, fmt.Errorf("got %s of revision %d (%s) in the catalog of revision %d", e.Key(), e.Revision, e.Name, got.Revision)
		}
	}
	return got.Revision, nil
}

// TestALargeCatalog has a change that one document cannot hold, with a writer that
// dies before it is in the pages.
func TestALargeCatalog(t *testing.T) {
	t.Parallel()
	const n = 20_000
	node := prepared(t)
	stores := several(t, node, 3)
	first, second := strings.Repeat("a", 600), strings.Repeat("b", 600)
	must(stores[0].ChangeCatalog(t.Context(), 0, endpoints(n, first)))(t)
	wantCatalog(t, stores[1], 1, n, first)

	fault := node.Faults().Add(couchbasetest.Fault{
		Ops: []memd.CmdCode{memd.CmdReplace}, Key: "page:*", Skip: 20, Status: memd.StatusAccessError,
	})
	must(stores[0].ChangeCatalog(t.Context(), 1, endpoints(n, second)))(t)
	if parts := keysOf(t, node, "change:2:"); len(parts) < 2 {
		t.Errorf("got the parts %v, want a change in parts", parts)
	}
	wantCatalog(t, stores[1], 2, n, second)
	fault.Remove()
	must(stores[2].ChangeCatalog(t.Context(), 2, monitor.CatalogChange{DeleteEndpoints: []string{"shop/none"}}))(t)
	if got := must(stores[1].Catalog(t.Context()))(t); got.Revision != 3 || len(got.Endpoints) != n {
		t.Errorf("got revision %d of %d endpoints, want 3 of %d", got.Revision, len(got.Endpoints), n)
	}
	if left := keysOf(t, node, "change:"); len(left) > 0 {
		t.Errorf("got %v left, want no change", left)
	}
}

// TestAChangeThatNoPageCanHoldIsRefused puts more into one page than a document
// can have: were it in force, no writer could ever finish it.
func TestAChangeThatNoPageCanHoldIsRefused(t *testing.T) {
	t.Parallel()
	store := opened(t, prepared(t))
	var change monitor.CatalogChange
	for i := 0; len(change.PutEndpoints) < 3; i++ {
		e := endpoint(fmt.Sprintf("endpoint-%d", i), strings.Repeat("a", 6<<20))
		if monitor.ShardOf(e.Key(), 64) == 5 {
			change.PutEndpoints = append(change.PutEndpoints, e)
		}
	}
	_, err := store.ChangeCatalog(t.Context(), 0, change)
	if !errors.Is(err, monitor.Invalid) {
		t.Errorf("got error %.200v, want code %s", err, monitor.Invalid)
	}
	change.PutEndpoints = change.PutEndpoints[:2]
	must(store.ChangeCatalog(t.Context(), 0, change))(t)
	if got := must(store.Catalog(t.Context()))(t); len(got.Endpoints) != 2 {
		t.Errorf("got %d endpoints, want 2", len(got.Endpoints))
	}
}
