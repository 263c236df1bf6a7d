package couchbasetest_test

import (
	"errors"
	"testing"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	w := dial(t, n).enter(memd.FeatureCollections)
	tail := w.collection("tail")
	n.ResetCounts()
	for range 3 {
		w.ask(of(memd.CmdSet, tail, "key", "value", 0, 0))
	}
	w.ask(of(memd.CmdGet, tail, "key", ""))
	w.ask(of(memd.CmdGet, w.collection("states"), "key", ""))
	counts := n.Counts()
	// A header has 24 bytes, a write's extras 8, a read's 4, the collection's ID 1.
	tests := map[string]struct{ got, want couchbasetest.Count }{
		"writes":       {counts.Of(couchbasetest.Set, "tail"), couchbasetest.Count{Requests: 3, In: 3 * (24 + 8 + 1 + 3 + 5), Out: 3 * 24}},
		"a read":       {counts.Of(couchbasetest.Get, "tail"), couchbasetest.Count{Requests: 1, In: 24 + 1 + 3, Out: 24 + 4 + 5}},
		"a miss":       {counts.Of(couchbasetest.Get, "states"), couchbasetest.Count{Requests: 1, In: 24 + 1 + 3, Out: 24}},
		"all reads":    {counts.Of(couchbasetest.Get, ""), couchbasetest.Count{Requests: 2, In: 2 * (24 + 1 + 3), Out: 2*24 + 4 + 5}},
		"what is none": {counts.Of(couchbasetest.Delete, ""), couchbasetest.Count{}},
	}
	for name, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, test.got, test.want)
		}
	}
}

func TestRequestsInFlightAreCounted(t *testing.T) {
	t.Parallel()
	n, c := collection(t, couchbasetest.Options{})
	const many = 200
	hold := make(chan struct{})
	armed := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Get}, Hold: hold})
	last := n.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{couchbasetest.Get}, Skip: many - 1})
	done := make(chan error, many)
	for range many {
		go func() {
			_, err := c.Get("k", nil)
			done <- err
		}()
	}
	<-last.First()
	if got := n.Counts().Peak; got < many {
		t.Errorf("got %d requests at once, want %d at least", got, many)
	}
	close(hold)
	for range many {
		if err := <-done; !errors.Is(err, gocb.ErrDocumentNotFound) {
			t.Errorf("got %v, want not found", err)
		}
	}
	if got := armed.Met(); got != many {
		t.Errorf("got %d requests held, want %d", got, many)
	}
	if got := n.Counts(); got.InFlight != 0 || got.Of(memd.CmdGet, "tail").Requests != many {
		t.Errorf("got %d in flight and %d counted once all are answered, want 0 and %d", got.InFlight, got.Of(memd.CmdGet, "tail").Requests, many)
	}
}

func TestDurableWritesNeedTheirReplicas(t *testing.T) {
	t.Parallel()
	buckets := []couchbasetest.Bucket{{Name: "monitor", Replicas: 1}, {Name: "alone"}, {Name: "strict", Replicas: 1, Durability: couchbasetest.Majority}}
	n := couchbasetest.Prepared(t, couchbasetest.Options{Buckets: buckets})
	cluster := connect(t, n)
	write := func(bucket string, level gocb.DurabilityLevel) error {
		c := cluster.Bucket(bucket).Scope("monitor").Collection("tail")
		_, err := c.Upsert("k", 1, &gocb.UpsertOptions{DurabilityLevel: level})
		return err
	}
	for _, b := range buckets {
		if err := write(b.Name, gocb.DurabilityLevelMajority); err != nil {
			t.Errorf("got %v on bucket %s with all its replicas", err, b.Name)
		}
	}
	n.SetMissingReplicas(1)
	tests := []struct {
		bucket string
		level  gocb.DurabilityLevel
		want   error
	}{
		{"monitor", gocb.DurabilityLevelMajority, gocb.ErrDurabilityImpossible},
		{"monitor", gocb.DurabilityLevelPersistToMajority, gocb.ErrDurabilityImpossible},
		{"monitor", gocb.DurabilityLevelNone, nil},
		{"alone", gocb.DurabilityLevelMajority, nil},
		{"strict", gocb.DurabilityLevelNone, gocb.ErrDurabilityImpossible},
	}
	for _, test := range tests {
		if err := write(test.bucket, test.level); !errors.Is(err, test.want) {
			t.Errorf("bucket %s, level %v: got %v, want %v", test.bucket, test.level, err, test.want)
		}
	}
	got := n.Counts().Sum(func(k couchbasetest.Kind) bool {
		return k.Durability == couchbasetest.Majority && k.Bucket == "monitor"
	})
	if got.Requests != 2 {
		t.Errorf("got %d writes counted by a majority, want 2", got.Requests)
	}
}
