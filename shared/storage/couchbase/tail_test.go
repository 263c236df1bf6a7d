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
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
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
		sleeper, other := c.process(0), c.process(0)
		c.append(sleeper, "1")
		for n := range 9 {
			c.append(other, fmt.Sprint(n+2))
		}
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
		sleeper, other := c.process(0), c.process(0)
		c.append(sleeper, "1")
		for n := range 9 {
			c.append(other, fmt.Sprint(n+2))
		}
		c.fold(other, 10, 0)
		c.append(sleeper, "awake")
		texts, _ := c.read(other, 10)
		wantTexts(t, texts, "awake")
	})
	t.Run("of which one slept for long finds the end at once", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		sleeper, other := c.process(0), c.process(0)
		c.append(sleeper, "1")
		for n := range 500 {
			c.append(other, fmt.Sprint(n+2))
		}
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

func TestTailOfRowsThatExpire(t *testing.T) {
	t.Parallel()
	t.Run("keeps six hours of rows that nobody folds, even where results are kept for less", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(time.Hour)
		for n := range 360 {
			c.append(store, fmt.Sprint(n))
			c.pass(time.Minute)
		}
		c.pass(-time.Minute)
		texts, last := c.read(c.process(time.Hour), 0)
		if len(texts) != 360 || texts[0] != "0" {
			t.Fatalf("got %d rows, want 360", len(texts))
		}
		mark, err := store.TailMark(t.Context(), 0, tailBegin.Add(100*time.Minute))
		if err != nil || mark != 100 {
			t.Errorf("got mark %d and %v, want 100", mark, err)
		}
		c.fold(store, last, last)
		if texts, _ := c.read(store, 0); len(texts) != 0 || c.stored() != 0 {
			t.Errorf("got %d rows, %d stored, want none", len(texts), c.stored())
		}
	})
	t.Run("is found by who folds, when all rows before have expired", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(time.Hour)
		for n := range 5 {
			c.append(store, fmt.Sprint(n))
		}
		c.pass(7 * time.Hour)
		c.append(store, "new")
		c.append(store, "newer")
		texts, _ := c.read(c.process(time.Hour), 0)
		wantTexts(t, texts, "new", "newer")
	})
	t.Run("is found by who folds, when it was written where a folded row has expired", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		sleeper, other := c.process(time.Hour), c.process(time.Hour)
		c.append(sleeper, "1")
		c.append(other, "2")
		c.append(other, "3")
		c.fold(other, 3, 0)
		c.pass(7 * time.Hour)
		c.append(other, "4")
		c.append(sleeper, "awake")
		texts, _ := c.read(other, 3)
		wantTexts(t, texts, "4", "awake")
	})
	t.Run("is found by who folds, when the first rows before have expired", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(time.Hour)
		c.append(store, "old")
		c.append(store, "old")
		c.pass(5 * time.Hour)
		c.append(store, "alive")
		c.pass(2 * time.Hour)
		c.append(store, "new")
		c.append(store, "newer")
		texts, last := c.read(c.process(time.Hour), 0)
		for _, want := range []string{"new", "newer", "alive"} {
			if !slices.Contains(texts, want) {
				t.Errorf("got rows %q up to %d, want %s among them", texts, last, want)
			}
		}
	})
}

func TestTailThatIsNotDecidedOn(t *testing.T) {
	t.Parallel()
	t.Run("is read from the first row that has not expired", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store := c.process(time.Hour)
		for n := range 80 {
			c.append(store, fmt.Sprint(n))
			c.fold(store, int64(n+1), 0)
			c.pass(5 * time.Minute)
		}
		c.append(store, "80")
		c.pass(40 * time.Minute)
		other := c.process(time.Hour)
		texts, last := c.read(other, 0)
		if last != 81 || len(texts) != 64 || texts[0] != "17" {
			t.Errorf("got rows %q to number %d, want 17 to 80", texts, last)
		}
		for name, process := range map[string]*couchbase.Store{"who wrote them": store, "another process": other, "a new process": c.process(time.Hour)} {
			mark, err := process.TailMark(t.Context(), 0, tailBegin.Add(100*time.Minute))
			if err != nil || mark != 20 {
				t.Errorf("%s: got mark %d and %v, want 20", name, mark, err)
			}
		}
	})
	t.Run("is read whole while rows before are removed", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store, other := c.process(0), c.process(0)
		for n := range 20 {
			c.append(store, fmt.Sprint(n))
		}
		c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Key: "t:0:[12]", Status: memd.StatusAccessError})
		c.fold(store, 18, 16)
		texts, last := c.read(other, 0)
		if last != 20 || !slices.Equal(texts[len(texts)-4:], []string{"16", "17", "18", "19"}) {
			t.Errorf("got rows %q up to %d, want all that have not left the tail", texts, last)
		}
	})
}

func TestTailIsForgottenByWhoOnlyReads(t *testing.T) {
	t.Parallel()
	c := newSharedCluster(t)
	writer, reader := c.process(0), c.process(0)
	for n := range 50 {
		c.append(writer, fmt.Sprint(n))
		after, err := reader.Folded(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		c.read(reader, after)
		c.fold(writer, int64(n+1), int64(n+1))
	}
	for name, process := range map[string]*couchbase.Store{"writer": writer, "reader": reader} {
		if got := process.Remembered(0); got > 2 {
			t.Errorf("%s: got %d rows remembered, want those of the last round", name, got)
		}
	}
}

func TestTailCostsLittle(t *testing.T) {
	t.Parallel()
	c := newSharedCluster(t)
	place := couchbasetest.Place{Bucket: "monitor", Scope: layout.Scope, Collection: layout.Tail}
	for n := range 5000 {
		body := rows.AppendTail(nil, "another process", tailBegin.Add(time.Duration(n)*time.Second), []byte(`{}`))
		if err := c.Documents().Put(place, couchbasetest.Document{Key: fmt.Sprintf("t:0:%d", n+1), Value: body}); err != nil {
			t.Fatal(err)
		}
	}
	store := c.process(0)
	t.Run("at the first append, which finds the end of 5,000 rows", func(t *testing.T) {
		c.append(store, "new")
		if got := c.inTail(memd.CmdGet); got > 30 {
			t.Errorf("got %d rows read, want 30 at most", got)
		}
		if texts, last := c.read(store, 5000); last != 5001 || len(texts) != 1 {
			t.Errorf("got the row at %d, want 5001", last)
		}
	})
	t.Run("at each further append, which reads no row", func(t *testing.T) {
		c.ResetCounts()
		for range 10 {
			c.append(store, "new")
		}
		if reads, writes := c.inTail(memd.CmdGet), c.inTail(memd.CmdAdd); reads > 10 || writes != 10 {
			t.Errorf("got %d rows read and %d written, want 10 written", reads, writes)
		}
	})
	t.Run("at a mark, which reads each row once", func(t *testing.T) {
		for range 2 {
			mark, err := store.TailMark(t.Context(), 0, tailBegin.Add(4999*time.Second))
			if err != nil || mark != 4999 {
				t.Errorf("got mark %d and %v, want 4999", mark, err)
			}
		}
		if got := c.inTail(memd.CmdGet); got > 5100 {
			t.Errorf("got %d rows read, want each once", got)
		}
		if _, last := c.read(store, 5000); last != 5011 {
			t.Fatalf("got rows up to %d, want 5011", last)
		}
		c.ResetCounts()
		for _, before := range []monitor.Instant{tailBegin.Add(4999 * time.Second), tailBegin.Add(48 * time.Hour)} {
			if _, err := store.TailMark(t.Context(), 0, before); err != nil || c.inTail(memd.CmdGet) != 0 {
				t.Errorf("got %v and %d rows read, want none", err, c.inTail(memd.CmdGet))
			}
		}
	})
	t.Run("at a read from the beginning, which passes over what has been removed", func(t *testing.T) {
		c.fold(store, 5000, 5000)
		c.ResetCounts()
		texts, last := c.read(store, 0)
		if got := c.inTail(memd.CmdGet); got > 20 || len(texts) != 11 || last != 5011 {
			t.Errorf("got %d rows read for %d rows up to %d, want 20 at most for 11 up to 5011", got, len(texts), last)
		}
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
