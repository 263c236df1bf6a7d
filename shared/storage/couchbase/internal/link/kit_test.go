package link_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// bucket is the one that a prepared node has.
const bucket = "monitor"

// settingsOf returns how to log in to the node.
func settingsOf(node *couchbasetest.Node) link.Settings {
	return link.Settings{
		Address: node.Address(), User: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword,
	}
}

func open(t testing.TB, node *couchbasetest.Node) *link.Link {
	t.Helper()
	return openWith(t, settingsOf(node), link.Options{})
}

func openWith(t testing.TB, s link.Settings, o link.Options) *link.Link {
	t.Helper()
	l, err := link.Open(s, o)
	if err != nil {
		t.Fatalf("open the link: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// warm returns the states of a link to the node that has answered once.
func warm(t testing.TB, node *couchbasetest.Node) (*link.Link, *link.Collection) {
	t.Helper()
	l := open(t, node)
	states := l.Collection(bucket, layout.States)
	if _, err := states.Get(t.Context(), "any"); err != nil {
		t.Fatalf("the first read: %v", err)
	}
	return l, states
}

// body returns a document that no other call returns.
func body(l *link.Link, value any) []byte {
	return fmt.Appendf(nil, `{"by":%q,"value":%v}`, l.Stamp(), value)
}

func insert(t testing.TB, in *link.Collection, key string, text []byte) int64 {
	t.Helper()
	cas, err := in.Swap(t.Context(), link.Write{Key: key, Body: text}, link.Majority)
	if err != nil {
		t.Fatalf("insert %s: %v", key, err)
	}
	return cas
}

func wantBody(t testing.TB, in *link.Collection, key, want string) {
	t.Helper()
	found, err := in.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	if string(found.Body) != want {
		t.Errorf("%s is %s, want %s", key, found.Body, want)
	}
}

func wantCode(t testing.TB, err error, want monitor.Code, says ...string) {
	t.Helper()
	if got := monitor.CodeOf(err); got != want {
		t.Fatalf("got the code %q, want %q: %v", got, want, err)
	}
	message := ""
	if told, ok := errors.AsType[*monitor.Error](err); ok {
		message = told.Message
	}
	for _, part := range says {
		if !strings.Contains(message, part) {
			t.Errorf("people are told %q, want a word of %q", message, part)
		}
	}
}

// within ends the test's patience, not its wait: all that is waited for comes.
func within(t testing.TB, patience time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// metric returns the value of a counter or a gauge.
func metric(t testing.TB, from *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	for _, family := range families {
		if family.GetName() != "monitor_storage_couchbase_"+name {
			continue
		}
		only := family.GetMetric()[0]
		return only.GetCounter().GetValue() + only.GetGauge().GetValue()
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

// clock is a clock that the test sets.
type clock struct{ at atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.set(at)
	return c
}

func (c *clock) now() time.Time { return time.Unix(0, c.at.Load()) }

func (c *clock) set(at time.Time) { c.at.Store(at.UnixNano()) }

// sideBySide runs the cases all at once, for they wait more than they work.
func sideBySide[C any](t *testing.T, cases map[string]C, run func(t *testing.T, name string, c C)) {
	t.Helper()
	var wait sync.WaitGroup
	for name, c := range cases {
		wait.Go(func() { t.Run(name, func(t *testing.T) { run(t, name, c) }) })
	}
	wait.Wait()
}

// eventually waits until what is said becomes true, a minute at most.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-patience.C:
			t.Fatalf("it does not become true that %s", what)
		}
	}
}
