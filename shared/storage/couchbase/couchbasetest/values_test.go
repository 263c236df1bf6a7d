package couchbasetest_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

func TestValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	w := dial(t, n).enter(memd.FeatureCollections)
	tail := w.collection("tail")
	most := bytes.Repeat([]byte{0, 1, 0xff, '{'}, 5<<20)
	for name, value := range map[string][]byte{"none": {}, "bytes": {0, 0xff, '"', '\n'}, "20 MiB": most} {
		if got := w.ask(of(memd.CmdSet, tail, name, string(value), 7, 0)).Status; got != memd.StatusSuccess {
			t.Fatalf("%s: got status %v", name, got)
		}
		got := w.ask(of(memd.CmdGet, tail, name, ""))
		if !bytes.Equal(got.Value, value) || !bytes.Equal(got.Extras, []byte{0, 0, 0, 7}) {
			t.Errorf("%s: got %d bytes and the flags %x, want the %d bytes and the flags as written", name, len(got.Value), got.Extras, len(value))
		}
	}
	if got := w.ask(of(memd.CmdSet, tail, "more", string(most)+"x", 0, 0)).Status; got != memd.StatusTooBig {
		t.Errorf("got status %v of a byte more, want too big", got)
	}
}

func TestOneOfManyWritersWins(t *testing.T) {
	t.Parallel()
	_, c := collection(t, couchbasetest.Options{})
	const writers, rounds = 16, 20
	created, err := c.Insert("k", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	cas := created.Cas()
	for round := range rounds {
		var wins atomic.Int64
		var won atomic.Uint64
		var group sync.WaitGroup
		for writer := range writers {
			group.Go(func() {
				done, err := c.Replace("k", writer, &gocb.ReplaceOptions{Cas: cas})
				if err == nil {
					wins.Add(1)
					won.Store(uint64(done.Cas()))
				} else if !errors.Is(err, gocb.ErrCasMismatch) {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		group.Wait()
		if wins.Load() != 1 || gocb.Cas(won.Load()) <= cas {
			t.Fatalf("round %d: got %d winners and the CAS %d after %d, want 1 and more", round, wins.Load(), won.Load(), cas)
		}
		cas = gocb.Cas(won.Load())
	}
}

func TestACASRisesWhateverTheClockSays(t *testing.T) {
	t.Parallel()
	at := newClock()
	n, c := collection(t, couchbasetest.Options{Clock: at.now})
	var last gocb.Cas
	for i, jump := range []time.Duration{0, time.Hour, -2 * time.Hour, -100 * 365 * 24 * time.Hour, 0} {
		at.pass(jump)
		for key := range 3 {
			done, err := c.Upsert(fmt.Sprint(key), i, nil)
			if err != nil {
				t.Fatal(err)
			}
			if done.Cas() <= last || int64(done.Cas()) <= 0 {
				t.Errorf("got CAS %d after %d at jump %d, want more, and below 2^63", done.Cas(), last, i)
			}
			last = done.Cas()
		}
	}
	if got := n.Documents().Changes(); got < 15 {
		t.Errorf("got %d changes counted, want 15 at least", got)
	}
}

func TestABucketThatWarmsUpIsWaitedFor(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	warming := n.Faults().Add(couchbasetest.Fault{
		Ops: []memd.CmdCode{couchbasetest.SelectBucket}, Bucket: "monitor", Status: couchbasetest.NotFound, Times: 3,
	})
	other := n.Faults().Add(couchbasetest.Fault{
		Ops: []memd.CmdCode{couchbasetest.SelectBucket}, Bucket: "other", Status: couchbasetest.NotFound,
	})
	c := connect(t, n).Bucket("monitor").Scope("monitor").Collection("tail")
	if _, err := c.Upsert("k", 1, nil); err != nil || warming.Met() != 3 || other.Met() != 0 {
		t.Errorf("got %v after %d refusals, and %d of another bucket, want success after 3 and none", err, warming.Met(), other.Met())
	}
}

func BenchmarkUpserts(b *testing.B) {
	n := couchbasetest.Prepared(b, couchbasetest.Options{})
	cluster, err := gocb.Connect(n.Address(), gocb.ClusterOptions{
		Authenticator: gocb.PasswordAuthenticator{Username: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword},
		Tracer:        &gocb.NoopTracer{}, Meter: &gocb.NoopMeter{},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cluster.Close(nil) }()
	c := cluster.Bucket("monitor").Scope("monitor").Collection("windows")
	if _, err := c.Upsert("warm", 1, nil); err != nil {
		b.Fatal(err)
	}
	value := bytes.Repeat([]byte("[1000,5,1],"), 100)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := c.Upsert(fmt.Sprint("w:", i%10000), value, &gocb.UpsertOptions{Transcoder: gocb.NewRawBinaryTranscoder()}); err != nil {
				b.Error(err)
			}
		}
	})
}
