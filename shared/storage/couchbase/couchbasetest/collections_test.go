package couchbasetest_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestACollectionServesFromWhenItIsThere(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Start(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor"}}})
	asked := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.CollectionID}})
	c := connect(t, n).Bucket("monitor").Scope("monitor").Collection("tail")
	done := make(chan error, 1)
	go func() {
		_, err := c.Insert("k", 1, nil)
		done <- err
	}()
	<-asked.First()
	if _, err := n.Documents().CreateScope("monitor", "monitor"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Documents().CreateCollection("monitor", "monitor", couchbasetest.Collection{Name: "tail"}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("got %v of a write to a collection that came to be", err)
	}
	if _, err := n.Documents().DropCollection(tailOf("monitor")); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Documents().CreateCollection("monitor", "monitor", couchbasetest.Collection{Name: "tail"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("k", nil); !errors.Is(err, gocb.ErrDocumentNotFound) {
		t.Errorf("got %v of a collection that was made anew, want an empty one", err)
	}
}

func TestABucketThatIsDroppedIsGone(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	if _, err := c.Insert("k", 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := n.Documents().DropBucket("monitor"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("k", &gocb.GetOptions{Timeout: 300 * time.Millisecond}); !errors.Is(err, gocb.ErrTimeout) {
		t.Errorf("got %v, want a time-out", err)
	}
	if err := n.Documents().CreateBucket(couchbasetest.Bucket{Name: "monitor"}); err != nil {
		t.Fatal(err)
	}
	if err := n.Prepare("monitor"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("k", nil); !errors.Is(err, gocb.ErrDocumentNotFound) {
		t.Errorf("got %v of a bucket that was made anew, want an empty one", err)
	}
}

func TestNamesAreTakenOnceAndMustBeThere(t *testing.T) {
	t.Parallel()
	d := couchbasetest.Start(t, couchbasetest.Options{}).Documents()
	place := couchbasetest.Place{Bucket: "b", Scope: "s", Collection: "c"}
	scope := func(_ uint64, err error) error { return err }
	steps := []struct {
		does string
		err  error
		want error
	}{
		{"a scope of no bucket", scope(d.CreateScope("b", "s")), monitor.NotFound},
		{"a bucket", d.CreateBucket(couchbasetest.Bucket{Name: "b"}), nil},
		{"the bucket again", d.CreateBucket(couchbasetest.Bucket{Name: "b"}), monitor.Conflict},
		{"a collection of no scope", scope(d.CreateCollection("b", "s", couchbasetest.Collection{Name: "c"})), monitor.NotFound},
		{"a scope", scope(d.CreateScope("b", "s")), nil},
		{"the scope again", scope(d.CreateScope("b", "s")), monitor.Conflict},
		{"a collection", scope(d.CreateCollection("b", "s", couchbasetest.Collection{Name: "c"})), nil},
		{"the collection again", scope(d.CreateCollection("b", "s", couchbasetest.Collection{Name: "c"})), monitor.Conflict},
		{"its settings", scope(d.UpdateCollection("b", "s", couchbasetest.Collection{Name: "c", MaxTTL: time.Hour})), nil},
		{"a document", d.Put(place, couchbasetest.Document{Key: "k"}), nil},
		{"the collection's end", scope(d.DropCollection(place)), nil},
		{"its end again", scope(d.DropCollection(place)), monitor.NotFound},
		{"a document of it", d.Put(place, couchbasetest.Document{Key: "k"}), monitor.NotFound},
		{"the scope's end", scope(d.DropScope("b", "s")), nil},
		{"its end again", scope(d.DropScope("b", "s")), monitor.NotFound},
		{"other settings", d.UpdateBucket(couchbasetest.Bucket{Name: "b", Quota: 2}), nil},
		{"those of no bucket", d.UpdateBucket(couchbasetest.Bucket{Name: "x"}), monitor.NotFound},
	}
	for _, step := range steps {
		if !errors.Is(step.err, step.want) {
			t.Errorf("%s: got %v, want %v", step.does, step.err, step.want)
		}
	}
	manifest, err := d.Manifest("b")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range manifest.Scopes {
		for _, c := range s.Collections {
			names = append(names, s.Name+"."+c.Name)
		}
	}
	if want := []string{"_default._default", "_system._mobile", "_system._query"}; !reflect.DeepEqual(names, want) {
		t.Errorf("got the collections %v, want %v", names, want)
	}
	if b, err := d.Bucket("b"); err != nil || b.Quota != 2 || len(b.UUID) != 32 {
		t.Errorf("got %+v (%v), want the new quota and a UUID", b, err)
	}
	if got := d.Buckets(); len(got) != 1 || d.DropBucket("b") != nil || len(d.Buckets()) != 0 {
		t.Errorf("got %+v before the bucket was dropped and %+v after", got, d.Buckets())
	}
}

func TestChangesAreToldInTheirOrder(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	var seen []couchbasetest.Change
	before := n.Documents().Changes()
	n.Documents().Watch(func(change couchbasetest.Change) { seen = append(seen, change) })
	if _, err := c.Insert("a", 1, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Remove("a", nil); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || n.Documents().Changes() != before+2 {
		t.Fatalf("got %d changes and the count %d after %d, want 2 more", len(seen), n.Documents().Changes(), before)
	}
	if got := seen[0]; got.Removed || got.Key != "a" || string(got.Value) != "1" || got.Place != tailOf("monitor") || got.Count != before+1 {
		t.Errorf("got %+v, want the write", got)
	}
	if got := seen[1]; !got.Removed || got.Key != "a" || got.Seqno != seen[0].Seqno+1 || got.VBucket != seen[0].VBucket || got.CAS <= seen[0].CAS {
		t.Errorf("got %+v, want the removal after it", got)
	}
}
