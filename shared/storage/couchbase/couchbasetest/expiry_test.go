package couchbasetest_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// clock is a time that the test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.at.Load()) }

func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

func tailOf(bucket string) couchbasetest.Place {
	return couchbasetest.Place{Bucket: bucket, Scope: "monitor", Collection: "tail"}
}

func TestDocumentsExpireByTheNodesClock(t *testing.T) {
	t.Parallel()
	at := newClock()
	n, c := collection(t, couchbasetest.Options{Clock: at.now})
	insert := func(key string, expiry time.Duration) {
		t.Helper()
		if _, err := c.Insert(key, 1, &gocb.InsertOptions{Expiry: expiry}); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(key string) bool {
		t.Helper()
		_, err := c.Get(key, nil)
		if err != nil && !errors.Is(err, gocb.ErrDocumentNotFound) {
			t.Fatal(err)
		}
		return err != nil
	}
	insert("minute", time.Minute)
	insert("cleared", time.Minute)
	insert("preserved", time.Minute)
	insert("touched", time.Minute)
	insert("ever", 0)
	if _, err := c.Upsert("cleared", 2, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Upsert("preserved", 2, &gocb.UpsertOptions{PreserveExpiry: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Touch("touched", time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	at.pass(59 * time.Second)
	if gone("minute") || gone("preserved") {
		t.Error("a document was gone before its end")
	}
	at.pass(time.Second)
	all, err := n.Documents().All(tailOf("monitor"))
	if err != nil || len(all) != 3 {
		t.Errorf("got %d documents (%v), want 3 that have not expired", len(all), err)
	}
	for key, want := range map[string]bool{"minute": true, "preserved": true, "cleared": false, "touched": false, "ever": false} {
		if got := gone(key); got != want {
			t.Errorf("got %s gone: %v, want %v", key, got, want)
		}
	}
	if _, err := c.GetAndTouch("touched", time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	at.pass(time.Minute)
	if !gone("touched") {
		t.Error("got a document past the end that a get gave it")
	}
	insert("minute", 0)
}

func TestAnExpiryOfMoreThanThirtyDaysIsATime(t *testing.T) {
	t.Parallel()
	at := newClock()
	n := couchbasetest.Prepared(t, couchbasetest.Options{Clock: at.now})
	w := dial(t, n).enter(memd.FeatureCollections)
	tail := w.collection("tail")
	const month = 30 * 24 * 60 * 60
	until := at.now().Add(time.Hour)
	for key, expiry := range map[string]uint32{"month": month, "hour": uint32(until.Unix()), "past": month + 1} {
		if got := w.ask(of(memd.CmdSet, tail, key, "v", 0, expiry)).Status; got != memd.StatusSuccess {
			t.Fatalf("got status %v", got)
		}
	}
	there := func(key string) bool { return w.ask(of(memd.CmdGet, tail, key, "")).Status == memd.StatusSuccess }
	if there("past") || !there("hour") || !there("month") {
		t.Error("got an end in 1970 kept, or one to come not")
	}
	at.pass(time.Hour)
	if there("hour") || !there("month") {
		t.Error("got an hour too long, or a month too short")
	}
	at.pass((month - 3600) * time.Second)
	if there("month") {
		t.Error("got a month too long")
	}
}

func TestACollectionLimitsTheLifeOfItsDocuments(t *testing.T) {
	t.Parallel()
	at := newClock()
	n := couchbasetest.Start(t, couchbasetest.Options{
		Clock: at.now, Buckets: []couchbasetest.Bucket{{Name: "monitor", MaxTTL: time.Hour}},
	})
	if _, err := n.Documents().CreateScope("monitor", "monitor"); err != nil {
		t.Fatal(err)
	}
	for name, limit := range map[string]time.Duration{"bucket": 0, "own": time.Minute, "none": -1} {
		if _, err := n.Documents().CreateCollection("monitor", "monitor", couchbasetest.Collection{Name: name, MaxTTL: limit}); err != nil {
			t.Fatal(err)
		}
	}
	w := dial(t, n).enter(memd.FeatureCollections)
	ends := map[string]time.Duration{"bucket": time.Hour, "own": time.Minute, "none": 0}
	for name, want := range ends {
		for _, asked := range []uint32{0, 7200} {
			w.ask(of(memd.CmdSet, w.collection(name), "k", "v", 0, asked))
			all, err := n.Documents().All(couchbasetest.Place{Bucket: "monitor", Scope: "monitor", Collection: name})
			if err != nil || len(all) != 1 {
				t.Fatalf("got %d documents (%v)", len(all), err)
			}
			limit := want
			if name == "none" {
				limit = time.Duration(asked) * time.Second
			}
			var got time.Duration
			if !all[0].Expiry.IsZero() {
				got = all[0].Expiry.Sub(at.now())
			}
			if got != limit {
				t.Errorf("%s: got a life of %v where %d s were asked, want %v", name, got, asked, limit)
			}
		}
	}
}

func TestExpiredDocumentsAreSweptAway(t *testing.T) {
	t.Parallel()
	at := newClock()
	n := couchbasetest.Prepared(t, couchbasetest.Options{Clock: at.now})
	removed := 0
	n.Documents().Watch(func(c couchbasetest.Change) {
		if c.Removed {
			removed++
		}
	})
	put := func(key rune, expiry time.Time) {
		t.Helper()
		if err := n.Documents().Put(tailOf("monitor"), couchbasetest.Document{Key: string(key), Expiry: expiry}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 500 {
		put('A'+rune(i), at.now().Add(time.Second))
	}
	at.pass(time.Minute)
	for range 1000 {
		put('z'+1000, time.Time{})
	}
	if removed != 500 {
		t.Errorf("got %d documents swept, want 500", removed)
	}
}
