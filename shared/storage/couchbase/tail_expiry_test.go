package couchbase_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

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

// TestTailWhileClocksJump has rows arrive by clocks that are a month behind and an hour ahead:
// each is kept as long as one that arrives now, at least.
func TestTailWhileClocksJump(t *testing.T) {
	t.Parallel()
	const keep, jump = 7 * 24 * time.Hour, 30 * 24 * time.Hour
	for name, test := range map[string]struct{ arrived, want time.Duration }{
		"behind": {-jump, keep}, "right": {0, keep}, "ahead": {time.Hour, time.Hour + keep},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newSharedCluster(t)
			store := c.process(keep)
			if err := store.AppendTail(t.Context(), 0, tailBegin.Add(test.arrived), []byte("row")); err != nil {
				t.Fatal(err)
			}
			for _, row := range c.documents("monitor", layout.Tail) {
				if got := row.Expiry.Sub(tailBegin.Time()); (got - test.want).Abs() > 2*time.Second {
					t.Errorf("got it kept for %s, want %s", got, test.want)
				}
			}
			c.pass(keep - time.Minute)
			texts, _ := c.read(c.process(keep), 0)
			wantTexts(t, texts, "row")
		})
	}
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
	t.Run("has an end that is found while another process drops rows and cannot remove them", func(t *testing.T) {
		t.Parallel()
		c := newSharedCluster(t)
		store, other := c.process(0), c.process(0)
		for n := range 20 {
			c.append(store, fmt.Sprint(n))
		}
		hold := make(chan struct{})
		held := c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Key: "t:0:1", Times: 1, Hold: hold})
		c.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdDelete}, Status: memd.StatusAccessError})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var mark int64
		var failed error
		var looking sync.WaitGroup
		looking.Go(func() { mark, failed = other.TailMark(ctx, 0, tailBegin.Add(time.Hour)) })
		<-held.First()
		c.fold(store, 18, 16)
		if folded, err := other.Folded(ctx, 0); folded != 18 || err != nil {
			t.Errorf("got %d folded and %v, want 18", folded, err)
		}
		close(hold)
		looking.Wait()
		if mark != 20 || failed != nil {
			t.Errorf("got mark %d and %v, want 20", mark, failed)
		}
	})
}
