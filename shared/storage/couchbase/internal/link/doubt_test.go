package link_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/couchbase/gocbcore/v10/memd"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// losses are the ways in which nobody learns at once what became of a write.
func losses() map[string]couchbasetest.Fault {
	return map[string]couchbasetest.Fault{
		"the request is lost":               {Lost: true},
		"the answer is lost":                {Lost: true, Applied: true},
		"the connection breaks before":      {Break: true},
		"the connection breaks after":       {Break: true, Applied: true},
		"the replicas are in doubt, undone": {Status: memd.StatusSyncWriteAmbiguous},
		"the replicas are in doubt, done":   {Status: memd.StatusSyncWriteAmbiguous, Applied: true},
	}
}

func TestAWriteInDoubtIsDoneOnce(t *testing.T) {
	t.Parallel()
	sideBySide(t, losses(), func(t *testing.T, _ string, fault couchbasetest.Fault) {
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		registry := prometheus.NewRegistry()
		l := openWith(t, settingsOf(node), link.Options{Registry: registry})
		states := l.Collection(bucket, layout.States)
		insert(t, states, "other", body(l, 0))

		fault.Ops, fault.Times = []memd.CmdCode{memd.CmdAdd}, 1
		node.Faults().Add(fault)
		first := body(l, 1)
		cas := insert(t, states, "s:1", first)
		wantBody(t, states, "s:1", string(first))

		fault.Ops = []memd.CmdCode{memd.CmdReplace, memd.CmdSet}
		node.Faults().Add(fault)
		second := body(l, 2)
		next, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: second, CAS: cas}, link.Majority)
		if err != nil || next == cas {
			t.Fatalf("got the CAS %d and %v, want a new one", next, err)
		}
		wantBody(t, states, "s:1", string(second))
		if _, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 3), CAS: next}, link.Majority); err != nil {
			t.Errorf("with the CAS that was returned: %v", err)
		}
		if got := metric(t, registry, "ambiguous_total"); got != 2 {
			t.Errorf("%v writes are counted as in doubt, want 2", got)
		}
	})
}

func TestAWriteInDoubtThatAnotherOverwrote(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	mine, states := warm(t, node)
	_, theirs := warm(t, node)
	cas := insert(t, states, "s:1", body(mine, 1))

	replace := []memd.CmdCode{memd.CmdReplace, memd.CmdSet}
	lost := node.Faults().Add(couchbasetest.Fault{Ops: replace, Lost: true, Times: 1})
	done := make(chan error, 1)
	go func() {
		_, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(mine, 2), CAS: cas}, link.Majority)
		done <- err
	}()
	<-lost.First()
	if _, err := theirs.Swap(t.Context(), link.Write{Key: "s:1", Body: []byte(`{"by":"them"}`), CAS: cas}, link.Majority); err != nil {
		t.Fatal(err)
	}
	wantCode(t, <-done, monitor.Conflict, "read again")
	wantBody(t, states, "s:1", `{"by":"them"}`)
}

// TestALateWriteIsDoneOnce lets a write arrive after the one that took its place.
func TestALateWriteIsDoneOnce(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	late := make(chan struct{})
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Hold: late, Times: 1})
	want := body(l, 1)
	cas := insert(t, states, "s:1", want)
	close(late)
	next, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 2), CAS: cas}, link.Majority)
	if err != nil || next == cas {
		t.Errorf("got the CAS %d and %v: the late write was taken too", next, err)
	}
}

// TestAWriteThatComesJustBeforeItsRepetition lets the first write be done when the
// second one is there already.
func TestAWriteThatComesJustBeforeItsRepetition(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	late := make(chan struct{})
	adds := []memd.CmdCode{memd.CmdAdd}
	node.Faults().Add(couchbasetest.Fault{Ops: adds, Hold: late, Times: 1})
	node.Faults().Add(couchbasetest.Fault{Ops: adds, Skip: 1, Times: 1, Before: func() {
		close(late)
		eventually(t, "the first write is done", func() bool {
			there, err := node.Documents().All(couchbasetest.Place{Bucket: bucket, Scope: layout.Scope, Collection: layout.States})
			return err == nil && len(there) == 1
		})
	}})
	want := body(l, 1)
	cas := insert(t, states, "s:1", want)
	if _, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 2), CAS: cas}, link.Majority); err != nil {
		t.Errorf("with the CAS that was returned: %v", err)
	}
}

// TestNothingTwiceNothingLost appends to a list in one document while connections
// break, before and after a write is taken.
func TestNothingTwiceNothingLost(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	for i := range 10 {
		node.Faults().Add(couchbasetest.Fault{Ops: writing, Break: true, Applied: i%2 == 0, Skip: 7 * (i + 1), Times: 1})
	}
	var added atomic.Int64
	const writes = 100
	for range writes {
		_, err := states.Update(t.Context(), "s:1", link.Majority, func(found link.Document) (link.Write, bool, error) {
			var count int
			if found.CAS != 0 {
				if _, err := fmt.Sscanf(string(found.Body[len(found.Body)-5:]), "%04d}", &count); err != nil {
					return link.Write{}, false, err
				}
			}
			return link.Write{Body: fmt.Appendf(nil, `{"by":%q,"value":%04d}`, l.Stamp(), count+1)}, true, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		added.Add(1)
	}
	found, err := states.Get(t.Context(), "s:1")
	if err != nil || string(found.Body[len(found.Body)-5:]) != fmt.Sprintf("%04d}", added.Load()) {
		t.Errorf("got %s and %v, want %d", found.Body, err, added.Load())
	}
}

func TestWhatNobodyKnowsIsSaid(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	node.Faults().Add(couchbasetest.Fault{Key: "s:1", Lost: true})
	_, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 1)}, link.Active)
	wantCode(t, err, monitor.Unavailable, "no answer from 127.0.0.1:")
}
