package couchbase_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// sharedCluster is a cluster whose clock is that of all its processes.
type sharedCluster struct {
	testing.TB
	*couchbasetest.Node
	passed atomic.Int64
}

func newSharedCluster(t testing.TB) *sharedCluster {
	t.Helper()
	c := &sharedCluster{TB: t}
	c.Node = couchbasetest.Prepared(t, couchbasetest.Options{Clock: c.clock})
	return c
}

// tailBegin is when the clocks of these tests begin.
var tailBegin = monitor.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

func (c *sharedCluster) clock() time.Time {
	return tailBegin.Time().Add(time.Duration(c.passed.Load()))
}

func (c *sharedCluster) pass(d time.Duration) { c.passed.Add(int64(d)) }

// process opens the store of one process.
func (c *sharedCluster) process(retention time.Duration) *couchbase.Store {
	c.Helper()
	return c.processWith([]string{"monitor"}, retention)
}

// processWith opens it with its results in these buckets.
func (c *sharedCluster) processWith(buckets []string, retention time.Duration) *couchbase.Store {
	c.Helper()
	settings := settingsOf(c.Node)
	settings.Buckets = buckets
	return openedWith(c, settings, couchbase.Options{Retention: retention, Clock: c.clock})
}

func (c *sharedCluster) append(store *couchbase.Store, data string) {
	c.Helper()
	if err := store.AppendTail(c.Context(), 0, monitor.At(c.clock()), []byte(data)); err != nil {
		c.Fatalf("append %s: %v", data, err)
	}
}

// asleep returns a process that has written row 1, and another that has written
// those after it up to row last.
func (c *sharedCluster) asleep(last int) (sleeper, other *couchbase.Store) {
	c.Helper()
	sleeper, other = c.process(0), c.process(0)
	c.append(sleeper, "1")
	for n := range last - 1 {
		c.append(other, fmt.Sprint(n+2))
	}
	return sleeper, other
}

// read returns what the rows behind after say, and the number of the last.
func (c *sharedCluster) read(store *couchbase.Store, after int64) (texts []string, last int64) {
	c.Helper()
	found, err := store.TailRows(c.Context(), 0, after, 20_000)
	if err != nil {
		c.Fatalf("read the tail: %v", err)
	}
	for _, row := range found {
		texts, last = append(texts, string(row.Data)), row.Seq
	}
	return texts, last
}

func (c *sharedCluster) fold(store *couchbase.Store, folded, drop int64) {
	c.Helper()
	if err := store.CommitFold(c.Context(), storage.Fold{Folded: folded, Drop: drop}); err != nil {
		c.Fatalf("fold: %v", err)
	}
}

// inTail counts requests for rows of the tail.
func (c *sharedCluster) inTail(op memd.CmdCode) int {
	return c.Counts().Of(op, layout.Tail).Requests
}

// stored returns how many rows the cluster keeps, in the chain or not.
func (c *sharedCluster) stored() int {
	c.Helper()
	return len(c.documents("monitor", layout.Tail))
}

func wantTexts(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got rows %q, want %q", got, want)
	}
}

func TestTailOfManyProcesses(t *testing.T) {
	t.Parallel()
	t.Run("has all rows, those of each process in their order", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		const each = 60
		var group sync.WaitGroup
		for name := range 3 {
			store := c.process(0)
			group.Go(func() {
				for n := range each {
					c.append(store, fmt.Sprintf("%d %d", name, n))
				}
			})
		}
		group.Wait()
		texts, last := c.read(c.process(0), 0)
		if last != 3*each {
			t.Errorf("got %d rows, want %d", last, 3*each)
		}
		next := map[int]int{}
		for _, text := range texts {
			var name, n int
			if _, err := fmt.Sscanf(text, "%d %d", &name, &n); err != nil || n != next[name] {
				t.Fatalf("got row %q, want %d of process %d", text, next[name], name)
			}
			next[name]++
		}
	})
	t.Run("of which one slept while rows were folded and dropped loses nothing", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		sleeper, other := c.asleep(10)
		c.fold(other, 10, 10)
		c.append(sleeper, "awake")
		texts, last := c.read(other, 10)
		wantTexts(t, texts, "awake")
		if last != 11 || c.stored() != 1 {
			t.Errorf("got number %d, and %d rows stored, want 11 and nothing left behind", last, c.stored())
		}
		c.append(other, "12")
		c.append(sleeper, "13")
		texts, _ = c.read(other, 10)
		wantTexts(t, texts, "awake", "12", "13")
	})
	t.Run("of which one slept while rows were folded loses nothing", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		sleeper, other := c.asleep(10)
		c.fold(other, 10, 0)
		c.append(sleeper, "awake")
		texts, _ := c.read(other, 10)
		wantTexts(t, texts, "awake")
	})
	t.Run("of which one slept for long finds the end at once", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		sleeper, other := c.asleep(501)
		c.ResetCounts()
		c.append(sleeper, "awake")
		if writes, reads := c.inTail(memd.CmdAdd), c.inTail(memd.CmdGet); writes > 10 || reads > 30 {
			t.Errorf("got %d writes and %d reads of rows, want 10 and 30 at most", writes, reads)
		}
		texts, _ := c.read(other, 501)
		wantTexts(t, texts, "awake")
	})
	t.Run("whose row is folded before its writer looks has it twice at most", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		writer, other := c.process(0), c.process(0)
		c.append(writer, "1")
		folded := make(chan struct{})
		armed := c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Collection: layout.Shards, Hold: folded, Times: 1})
		var group sync.WaitGroup
		group.Go(func() { c.append(writer, "2") })
		<-armed.First()
		c.fold(other, 2, 0)
		close(folded)
		group.Wait()
		texts, _ := c.read(other, 0)
		wantTexts(t, texts, "1", "2", "2")
	})
}

func TestTailWhileTheClusterFails(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]couchbasetest.Fault{
		"an insert that was done before the connection broke":   {Break: true, Applied: true},
		"an insert that was not done when the connection broke": {Break: true},
		"an insert that may not be on other nodes":              {Status: memd.StatusSyncWriteAmbiguous, Applied: true},
		"an insert that was refused for a moment":               {Status: memd.StatusTmpFail},
	} {
		t.Run(name+" leaves one row", func(t *testing.T) {
			t.Parallel()
			c := newSharedCluster(t)
			store := c.process(0)
			c.append(store, "1")
			fault.Ops, fault.Collection, fault.Times = []memd.CmdCode{memd.CmdAdd}, layout.Tail, 1
			armed := c.Faults().Add(fault)
			c.append(store, "2")
			c.append(store, "3")
			texts, _ := c.read(c.process(0), 0)
			wantTexts(t, texts, "1", "2", "3")
			if armed.Met() != 1 {
				t.Errorf("got %d inserts met, want 1", armed.Met())
			}
		})
	}
	t.Run("a caller that gives up leaves no gap", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(0)
		c.append(store, "1")
		ctx, cancel := context.WithCancel(t.Context())
		c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Collection: layout.Tail, Times: 1, Lost: true, Applied: true, Before: cancel})
		if err := store.AppendTail(ctx, 0, tailBegin, []byte("2")); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got error %v, want code %s", err, monitor.Unavailable)
		}
		c.append(store, "2")
		texts, last := c.read(c.process(0), 0)
		if last < 2 || int(last) != len(texts) || texts[last-1] != "2" {
			t.Errorf("got rows %q up to %d, want no gap", texts, last)
		}
	})
	t.Run("rows that could not be removed are removed by the next fold", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(0)
		for n := range 6 {
			c.append(store, fmt.Sprint(n))
		}
		refused := c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Status: memd.StatusAccessError})
		c.fold(store, 6, 3)
		if c.stored() != 6 || refused.Met() == 0 {
			t.Fatalf("got %d rows stored, want 6, since none can be removed", c.stored())
		}
		refused.Remove()
		c.fold(store, 6, 4)
		if c.stored() != 2 {
			t.Errorf("got %d rows stored, want 2", c.stored())
		}
		texts, _ := c.read(store, 0)
		wantTexts(t, texts, "4", "5")
	})
}
