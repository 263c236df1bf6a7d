package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// writing are the operations of a fold that change something.
var writing = []memd.CmdCode{memd.CmdAdd, memd.CmdReplace, memd.CmdDelete}

// fault draws what goes wrong with some operations on the documents of a fold.
func fault(r *rapid.T) couchbasetest.Fault {
	f := couchbasetest.Fault{
		Collection: rapid.SampledFrom([]string{"tail", "shards", "windows", "rollups", ""}).Draw(r, "collection"),
		Skip:       rapid.IntRange(0, 6).Draw(r, "skip"),
		Times:      rapid.IntRange(1, 4).Draw(r, "times"),
		Applied:    rapid.Bool().Draw(r, "applied"),
	}
	if rapid.Bool().Draw(r, "of writes") {
		f.Ops = writing
	} else if f.Collection == "" {
		f.Collection = "shards"
	}
	switch rapid.SampledFrom([]string{"status", "lost", "break"}).Draw(r, "fault") {
	case "status":
		f.Status = rapid.SampledFrom([]memd.StatusCode{
			memd.StatusTmpFail, memd.StatusBusy, memd.StatusOutOfMemory, memd.StatusKeyExists, memd.StatusSyncWriteInProgress,
		}).Draw(r, "code")
		f.Applied = false
	case "lost":
		f.Lost = true
	default:
		f.Break = true
	}
	return f
}

// patience is how long a fold of these tests is waited for: what is lost for good
// ends as it would after the driver's own time-out, but sooner.
const patience = 100 * time.Millisecond

func (b *bench) impatiently(do func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	_ = do(ctx)
}

func TestFoldWhileTheClusterFails(t *testing.T) {
	t.Parallel()
	t.Run("loses nothing that was acknowledged and counts nothing twice", func(t *testing.T) {
		t.Parallel()
		met := 0
		rapid.Check(t, func(r *rapid.T) {
			var c *cluster
			b := newBenchAt(t, func(b *bench) storage.Store { c = newCluster(b); return c.open(b) })
			defer c.Close()
			var sent []monitor.Result
			for n := range rapid.IntRange(1, 3).Draw(r, "rounds") {
				batch := rows("pdfum", 20*n)
				sent = append(sent, batch...)
				b.arrive(batch...)
				b.decided(at(20*n - 10))
				armed := c.Faults().Add(fault(r))
				b.impatiently(func(ctx context.Context) error { return b.store.Fold(ctx, 0) })
				c.Faults().Clear()
				met += armed.Met()
			}
			other := b.start(c.open(b), 1) // a process that remembers nothing
			if err := other.Fold(t.Context(), 0); err != nil {
				r.Fatalf("fold: %v", err)
			}
			if diff := b.check(sent); diff != "" {
				r.Fatalf("want -, got +:\n%s", diff)
			}
		})
		if met == 0 {
			t.Error("got no fault met, want some")
		}
	})
	t.Run("a window that expires between read and write is made anew, and rollups stay", func(t *testing.T) {
		t.Parallel()
		var c *cluster
		b := newBenchAt(t, func(b *bench) storage.Store { c = newCluster(b); return c.open(b) })
		b.arrive(rows("pppp", 0)...)
		b.fold()
		b.advance(noon.Add(retention)) // the window has ten minutes left, and rollups more
		armed := c.Faults().Add(couchbasetest.Fault{
			Ops: []memd.CmdCode{memd.CmdReplace}, Collection: "windows", Times: 1,
			Before: func() { c.ahead.Store(int64(time.Hour)) },
		})
		c.Faults().Add(couchbasetest.Fault{
			Ops: []memd.CmdCode{memd.CmdAdd}, Collection: "windows", Times: 1,
			Before: func() { c.ahead.Store(0) },
		})
		b.arrive(rows("pp", 10)...)
		b.fold()
		if armed.Met() != 1 || c.ahead.Load() != 0 {
			t.Errorf("got %d writes met and a node that is %d ahead, want the window gone once", armed.Met(), c.ahead.Load())
		}
		if cells := b.cells(monitor.Minutes); len(cells) != 1 || cells[0].Passed != 4 {
			t.Errorf("got %+v, want the cell of the 4 results that were counted", cells)
		}
		if folded := b.folded(); len(folded) != 2 || folded[0].Due != at(10) {
			t.Errorf("got %+v, want the 2 results behind those that expired", folded)
		}
	})
	t.Run("a node whose clock jumps forgets nothing", func(t *testing.T) {
		t.Parallel()
		var c *cluster
		b := newBenchAt(t, func(b *bench) storage.Store { c = newCluster(b); return c.open(b) })
		var sent []monitor.Result
		for round, ahead := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour, 10 * 24 * time.Hour, -time.Minute} {
			c.ahead.Store(int64(ahead))
			batch := rows("pdf", 60*round)
			sent = append(sent, batch...)
			b.arrive(batch...)
			b.fold()
		}
		c.ahead.Store(0)
		if diff := b.check(sent); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
}

// TestFoldCosts holds what the cluster is asked for by one shard of 10,000
// endpoints at 1 s: each minute, its windows and rollups are read and written once,
// and each event of the tail is written, read and removed once.
func TestFoldCosts(t *testing.T) {
	t.Parallel()
	var c *cluster
	b := newBenchAt(t, func(b *bench) storage.Store { c = newCluster(b); return c.open(b) })
	const minutes = 10
	var counted []couchbasetest.Counts
	for minute := range minutes {
		c.ResetCounts()
		b.arriveMinute(minute)
		b.fold()
		counted = append(counted, c.Counts())
	}
	counted = counted[1:] // in the first minute windows begin, and the tail is found
	const events, perMinute = 30, minutes - 2
	for _, want := range []struct {
		collection string
		op         memd.CmdCode
		most       int // a minute
	}{
		{"windows", memd.CmdGet, endpoints},
		{"windows", memd.CmdReplace, endpoints},
		{"rollups", memd.CmdGet, 3 * endpoints},
		{"rollups", memd.CmdReplace, 3 * endpoints},
		{"tail", memd.CmdAdd, events},
		{"tail", memd.CmdGet, events + 2},
		{"tail", memd.CmdDelete, events},
		{"shards", memd.CmdGet, events + 10},
		{"shards", memd.CmdReplace, 2},
	} {
		got := cheaper(counted, func(c couchbasetest.Counts) couchbasetest.Count { return c.Of(want.op, want.collection) })
		if got.Requests > want.most*perMinute {
			t.Errorf("got %d requests %s of %s in %d minutes, want %d a minute at most", got.Requests, want.op.Name(), want.collection, perMinute, want.most)
		}
		t.Logf("%s %s: %.1f requests a minute, %.0f bytes in, %.0f out", want.collection, want.op.Name(),
			float64(got.Requests)/perMinute, float64(got.In)/perMinute, float64(got.Out)/perMinute)
	}
	all, results := cheaper(counted, func(c couchbasetest.Counts) couchbasetest.Count {
		return c.Sum(func(couchbasetest.Kind) bool { return true })
	}), float64(60*endpoints*perMinute)
	t.Logf("a result: %.3f requests, %.0f bytes in, %.0f bytes out", float64(all.Requests)/results, float64(all.In)/results, float64(all.Out)/results)
}

// cheaper sums up what the minutes cost, but for the dearest one: on a machine that
// stood still, what was under way is asked for again.
func cheaper(minutes []couchbasetest.Counts, of func(couchbasetest.Counts) couchbasetest.Count) couchbasetest.Count {
	var sum, dearest couchbasetest.Count
	for _, minute := range minutes {
		got := of(minute)
		sum.Requests, sum.In, sum.Out = sum.Requests+got.Requests, sum.In+got.In, sum.Out+got.Out
		if got.Requests > dearest.Requests {
			dearest = got
		}
	}
	sum.Requests, sum.In, sum.Out = sum.Requests-dearest.Requests, sum.In-dearest.In, sum.Out-dearest.Out
	return sum
}
