package link_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/couchbase/gocbcore/v10"
	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
)

// configures begins what the client logs when it is about to use a configuration,
// its first and empty one too.
const configures = "HTTP muxer applying endpoints"

// These tests hold the client up where it writes its log, which it has one of for
// all: they run alone.

func TestNoConfigurationComesTooEarly(t *testing.T) {
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGetClusterConfig}, Skip: 1, Lost: true}) // there is one, and no other
	var used atomic.Int32
	logTo(t, func(line string) {
		// Queries and management begin, and do not listen yet.
		if strings.HasPrefix(line, configures) && used.Add(1) == 2 {
			eventually(t, "a login waits, or a configuration has come", func() bool { return waits() || used.Load() > 2 })
		}
	})
	if err := open(t, node).Ready(t.Context()); err != nil {
		t.Errorf("the cluster's management, with a configuration that came at once: %v", err)
	}
}

func TestNobodyLogsInWhileABucketIsOpened(t *testing.T) {
	node := couchbasetest.Prepared(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: bucket}, {Name: "results"}}})
	l, _ := warm(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	if _, err := list(t.Context(), incidents); err != nil { // the client has all of its configuration now
		t.Fatal(err)
	}
	done := make(chan error, 1)
	var opening atomic.Bool
	logTo(t, func(line string) {
		if !strings.HasPrefix(line, configures) || !opening.CompareAndSwap(false, true) {
			return
		}
		go func() {
			_, err := list(t.Context(), incidents)
			done <- err
		}()
		eventually(t, "the query has to wait", func() bool { return waits() || len(done) > 0 })
		if len(done) > 0 {
			t.Error("a query has logged in while a bucket was opened")
		}
	})
	l.Collection("results", layout.Tail)
	if !opening.Load() {
		t.Fatal("the bucket was not opened as this test believes")
	}
	if err := <-done; err != nil {
		t.Errorf("the query: %v", err)
	}
}

// waits tells whether a login waits for something to be opened.
func waits() bool {
	stacks := make([]byte, 1<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "link.(*door).pass")
}

// lines takes what the client logs.
type lines func(line string)

// Log takes a line.
func (take lines) Log(_ gocbcore.LogLevel, _ int, format string, values ...any) error {
	take(fmt.Sprintf(format, values...))
	return nil
}

// logTo has the client's log taken until the test ends.
func logTo(t *testing.T, take lines) {
	gocbcore.SetLogger(take)
	t.Cleanup(func() { gocbcore.SetLogger(nil) })
}
