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
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// configures begins what the client logs when it is about to use a configuration,
// its first and empty one too.
const configures = "HTTP muxer applying endpoints"

// These tests hold the client up where it writes its log, which it has one of for
// all: they run alone.

func TestNoConfigurationComesTooEarly(t *testing.T) {
	ours := newAuthority(t)
	node := couchbasetest.Prepared(t, couchbasetest.Options{TLS: ours.server(t), Users: map[string]string{
		"first": "unused", couchbasetest.DefaultUser: couchbasetest.DefaultPassword,
	}})
	for name, settings := range map[string]link.Settings{
		"with a password": settingsOf(node), "with a certificate": ours.settings(t, node, "first"),
	} {
		t.Run(name, func(t *testing.T) {
			node.Faults().Clear()
			node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGetClusterConfig}, Skip: 1, Lost: true}) // there is one, and no other
			var used atomic.Int32
			logTo(t, func(line string) {
				// Queries and management begin, and do not listen yet.
				if strings.HasPrefix(line, configures) && used.Add(1) == 2 {
					eventually(t, "a login waits, or a configuration has come", func() bool { return waits() || used.Load() > 2 })
				}
			})
			if err := openWith(t, settings, link.Options{}).Ready(t.Context()); err != nil {
				t.Errorf("the cluster's management, with a configuration that came at once: %v", err)
			}
		})
	}
}

func TestNobodyLogsInWhileABucketIsOpened(t *testing.T) {
	_, l, openAnother := halfway(t)
	incidents := l.Collection(bucket, layout.Incidents)
	done := make(chan error, 1)
	openAnother(func() {
		go func() {
			_, err := list(t.Context(), incidents)
			done <- err
		}()
		eventually(t, "the query has to wait", func() bool { return waits() || len(done) > 0 })
		if len(done) > 0 {
			t.Error("a query has logged in while a bucket was opened")
		}
	})
	if err := <-done; err != nil {
		t.Errorf("the query: %v", err)
	}
}

// TestALinkIsClosedWhileABucketIsOpened has a connection stand before the door that
// the client, as it closes, waits for.
func TestALinkIsClosedWhileABucketIsOpened(t *testing.T) {
	node, l, openAnother := halfway(t)
	ended := make(chan string, 2)
	go func() {
		openAnother(func() {
			node.Disconnect()
			eventually(t, "a connection waits to log in again", waits)
			go func() {
				_ = l.Close()
				ended <- "closed"
			}()
			eventually(t, "who closes the link has to wait", closes)
		})
		ended <- "opened"
	}()
	eventually(t, "the bucket is opened and the link closed", func() bool { return len(ended) == cap(ended) })
}

// halfway returns a link that has all of its configuration, and what opens another
// bucket of it and meanwhile, while the client is half-way, something else.
func halfway(t *testing.T) (node *couchbasetest.Node, l *link.Link, openAnother func(meanwhile func())) {
	t.Helper()
	var next atomic.Pointer[func()]
	logTo(t, func(line string) {
		if !strings.HasPrefix(line, configures) || !strings.Contains(stacks(false), "link.(*door).shutWhile") {
			return
		}
		if meanwhile := next.Swap(nil); meanwhile != nil {
			(*meanwhile)()
		}
	})
	node = couchbasetest.Prepared(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: bucket}, {Name: "results"}}})
	l, _ = warm(t, node)
	if _, err := list(t.Context(), l.Collection(bucket, layout.Incidents)); err != nil {
		t.Fatal(err)
	}
	return node, l, func(meanwhile func()) {
		next.Store(&meanwhile)
		l.Collection("results", layout.Tail)
		if next.Load() != nil {
			t.Error("the bucket was not opened as this test believes")
		}
	}
}

// waits tells whether a login waits for something to be opened.
func waits() bool { return strings.Contains(stacks(true), "link.(*door).pass") }

// closes tells whether somebody who closes a link waits for a lock, or for one of
// the client's connections.
func closes() bool {
	for stack := range strings.SplitSeq(stacks(true), "\n\n") {
		if strings.Contains(stack, "link.(*Link).Close") && (strings.Contains(stack, "lockSlow") || strings.Contains(stack, "CloseAndTakeClient")) {
			return true
		}
	}
	return false
}

// stacks returns what this goroutine does, or what all do.
func stacks(all bool) string {
	text := make([]byte, 1<<20)
	return string(text[:runtime.Stack(text, all)])
}

// clientLog is the client's log, of which there is one for all links. The client
// reads which one it is without a lock, so TestMain sets it before there is any.
type clientLog struct{}

// taker takes what the client logs; nil: nobody does.
var taker atomic.Pointer[func(line string)]

// Log gives a line to whoever takes it.
func (clientLog) Log(_ gocbcore.LogLevel, _ int, format string, values ...any) error {
	if take := taker.Load(); take != nil {
		(*take)(fmt.Sprintf(format, values...))
	}
	return nil
}

// logTo has what the client logs taken until the test ends.
func logTo(t *testing.T, take func(line string)) {
	taker.Store(&take)
	t.Cleanup(func() { taker.Store(nil) })
}
