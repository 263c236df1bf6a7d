package link_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	hold := make(chan struct{})
	defer close(hold)
	read := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdGet}, Hold: hold})
	written := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdAdd}, Hold: hold})
	done := make(chan error)
	ways := []func() error{
		func() error { _, err := states.Get(t.Context(), "s:1"); return err },
		func() error { _, err := states.GetAll(t.Context(), []string{"s:1", "s:2"}); return err },
		func() error {
			_, err := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 1)}, link.Majority)
			return err
		},
	}
	for _, way := range ways {
		go func() { done <- way() }()
	}
	eventually(t, "all are under way", func() bool { return read.Met() == 3 && written.Met() == 1 })
	if err := l.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	for range ways {
		wantCode(t, <-done, monitor.Unavailable, "closed")
	}
	if err := l.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	ways = append(ways,
		func() error { return l.Ready(t.Context(), bucket) },
		func() error { return l.Ready(t.Context()) },
		func() error { return states.Remove(t.Context(), []string{"s:1"}) },
		func() error { _, err := list(t.Context(), states); return err },
		func() error { _, err := l.Collection("new", layout.States).Get(t.Context(), "s:1"); return err },
	)
	for _, way := range ways {
		wantCode(t, way(), monitor.Unavailable, "closed")
	}
}

func TestMetricsStayWithTheLinkThatHasThem(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	registry := prometheus.NewRegistry()
	openWith(t, settingsOf(node), link.Options{Registry: registry})
	_, err := link.Open(settingsOf(node), link.Options{Registry: registry})
	wantCode(t, err, monitor.Internal, "the metrics of the connection to Couchbase are taken")
	metric(t, registry, "in_flight")
}

func TestALinkSurvivesItsNode(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	insert(t, states, "s:1", body(l, 1))
	node.Stop()
	done := make(chan error, 1)
	go func() { done <- addOne(t, l, states, "s:1") }()
	if err := node.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("a write while the node restarts: %v", err)
	}
	eventually(t, "the link is ready again", func() bool { return l.Ready(t.Context(), bucket) == nil })
}

func TestALinkOpensBeforeItsNodeDoes(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	node.Stop()
	l := open(t, node)
	done := make(chan error, 1)
	go func() {
		_, err := l.Collection(bucket, layout.States).Get(t.Context(), "s:1")
		done <- err
	}()
	if err := node.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("a read before the node is there: %v", err)
	}
}

func TestANodeThatHangs(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l, states := warm(t, node)
	insert(t, states, "s:1", body(l, 1))
	node.Pause()
	_, err := states.Get(t.Context(), "s:1")
	wantCode(t, err, monitor.Unavailable, "no answer from 127.0.0.1:")
	wantCode(t, l.Ready(t.Context(), bucket), monitor.Unavailable, "no answer from 127.0.0.1:")
	short, cancel := context.WithTimeout(t.Context(), time.Second) // less time than it may take
	defer cancel()
	wantCode(t, l.Ready(short, bucket), monitor.Unavailable, "no answer from 127.0.0.1:")
	node.Resume()
	eventually(t, "the link is ready again", func() bool { return l.Ready(t.Context(), bucket) == nil })
	if _, err := states.Get(t.Context(), "s:1"); err != nil {
		t.Error(err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	if err := l.Ready(t.Context(), bucket); err != nil {
		t.Errorf("a link that nobody has used: %v", err)
	}
	wantCode(t, l.Ready(t.Context(), bucket, "other"), monitor.Unavailable, "no bucket other", "run the migration")

	states := l.Collection(bucket, layout.States)
	if _, err := states.Get(t.Context(), "any"); err != nil {
		t.Fatal(err)
	}
	node.ResetCounts()
	if err := l.Ready(t.Context(), bucket); err != nil {
		t.Error(err)
	}
	if got := node.Counts(); got.Connections != 0 || got.Sum(func(couchbasetest.Kind) bool { return true }).Requests > 3 {
		t.Errorf("readiness asked %+v, want a question or two", got)
	}
}

func TestReadyRemembersWhatWasRefused(t *testing.T) {
	t.Parallel()
	sideBySide(t, map[string]memd.StatusCode{
		"short of memory": memd.StatusTmpFail,
		"may not do this": memd.StatusAccessError,
		"0 replicas":      memd.StatusDurabilityImpossible,
	}, func(t *testing.T, says string, status memd.StatusCode) {
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		clock := newClock(time.Now())
		l := openWith(t, settingsOf(node), link.Options{Clock: clock.now})
		states := l.Collection(bucket, layout.States)
		insert(t, states, "other", body(l, 0))
		node.Faults().Add(couchbasetest.Fault{Ops: writing, Status: status})
		_, refused := states.Swap(t.Context(), link.Write{Key: "s:1", Body: body(l, 1)}, link.Active)
		if refused == nil {
			t.Fatal("the write was taken")
		}
		if _, err := states.Get(t.Context(), "s:1"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, l.Ready(t.Context(), bucket), monitor.Unavailable, says)
		refusedAt := clock.now()
		clock.set(refusedAt.Add(time.Minute))
		if err := l.Ready(t.Context(), bucket); err != nil {
			t.Errorf("a minute later, with nothing asked meanwhile: %v", err)
		}
		clock.set(refusedAt)

		node.Faults().Clear() // from here on s:1 may come to be: its last try may be under way
		insert(t, states, "s:2", body(l, 1))
		if err := l.Ready(t.Context(), bucket); err != nil {
			t.Errorf("after a write that was taken: %v", err)
		}
		_, conflict := states.Swap(t.Context(), link.Write{Key: "s:2", Body: body(l, 1)}, link.Majority)
		wantCode(t, conflict, monitor.Conflict)
		if err := l.Ready(t.Context(), bucket); err != nil {
			t.Errorf("after a conflict: %v", err)
		}
	})
}

func TestReadyRemembersEachBucket(t *testing.T) {
	t.Parallel()
	const results = "results"
	node := couchbasetest.Prepared(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: bucket}, {Name: results}}})
	l := open(t, node)
	tail := l.Collection(results, layout.Tail)
	if _, err := tail.Get(t.Context(), "any"); err != nil {
		t.Fatal(err)
	}
	node.Faults().Add(couchbasetest.Fault{Ops: writing, Bucket: results, Status: memd.StatusTmpFail})
	_, refused := tail.Swap(t.Context(), link.Write{Key: "t:1:1", Body: body(l, 1)}, link.Active)
	wantCode(t, refused, monitor.Unavailable, "the bucket results is short of memory")
	insert(t, l.Collection(bucket, layout.States), "s:1", body(l, 1))
	wantCode(t, l.Ready(t.Context(), bucket, results), monitor.Unavailable, "the bucket results is short of memory")
}

func TestReadyOfNobody(t *testing.T) {
	t.Parallel()
	l, _ := warm(t, couchbasetest.Prepared(t, couchbasetest.Options{}))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Ready(gone, bucket); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want one that wraps the context's", err)
	}
}

func TestStampsDiffer(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	one, other := open(t, node), open(t, node)
	seen := map[string]bool{}
	for range 1000 {
		for _, stamp := range []string{one.Stamp(), other.Stamp()} {
			if stamp == "" || seen[stamp] {
				t.Fatalf("the stamp %q came twice", stamp)
			}
			seen[stamp] = true
		}
	}
}
