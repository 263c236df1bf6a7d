package couchbase_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

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
