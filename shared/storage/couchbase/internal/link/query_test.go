package link_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

// list returns the IDs of the newest incidents.
func list(ctx context.Context, in *link.Collection) ([]string, error) {
	var ids []string
	err := in.Query(ctx, statements.Incidents(statements.IncidentPage{}), map[string]any{
		"from": 0, "before": 1000, "id": "", "limit": 1000,
	}, func(row []byte) error {
		var found struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(row, &found)
		ids = append(ids, found.ID)
		return err
	})
	return ids, err
}

// happened stores incidents that started one after the other.
func happened(t testing.TB, l *link.Link, in *link.Collection, ids ...string) {
	t.Helper()
	for i, id := range ids {
		insert(t, in, "i:"+id, fmt.Appendf(nil, `{"by":%q,"id":%q,"started":%d,"namespace":"shop","endpoint":"shop/cart","open":false}`, l.Stamp(), id, i+1))
	}
}

func TestQuerySeesItsOwnWrites(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	node.Web().Lag(1000)
	happened(t, l, incidents, "a", "b", "c")
	ids, err := list(t.Context(), incidents)
	if err != nil || strings.Join(ids, "") != "cba" {
		t.Errorf("got %v and %v, want c, b and a", ids, err)
	}
	other := open(t, node)
	if ids, err := list(t.Context(), other.Collection(bucket, layout.Incidents)); err != nil || len(ids) != 0 {
		t.Errorf("another process got %v and %v, want what a late index has", ids, err)
	}
}

func TestQueryIsPreparedOnce(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	happened(t, l, incidents, "a")
	for range 3 {
		if ids, err := list(t.Context(), incidents); err != nil || len(ids) != 1 {
			t.Fatalf("got %v and %v, want one", ids, err)
		}
		node.Web().ForgetPrepared()
	}
}

func TestWhatTheQueryServiceAnswers(t *testing.T) {
	t.Parallel()
	type failure struct {
		effect couchbasetest.Effect
		says   []string
	}
	tests := map[string]failure{
		"no index":      {couchbasetest.RefuseQuery(4000, "No index available", false), []string{"lacks the index ix_incidents_time", "run the migration"}},
		"no collection": {couchbasetest.RefuseQuery(12003, "Keyspace not found", false), []string{"a collection of the scope monitor", "run the migration"}},
		"no rights":     {couchbasetest.RefuseQuery(13014, "User does not have credentials", false), []string{"the user Administrator may not run incidents"}},
		"index service": {couchbasetest.RefuseQuery(12015, "Index error", false), []string{"the index service"}},
		"cut":           {couchbasetest.CutAfter(60), []string{"broke"}},
		"hangs":         {couchbasetest.Hang(), []string{"does not answer incidents in time"}},
		"resets":        {couchbasetest.Reset(), []string{"does not answer incidents"}},
		"is wrong":      {couchbasetest.RefuseQuery(5000, "panic", false), []string{"refuses incidents (error 5000)"}},
	}
	sideBySide(t, tests, func(t *testing.T, _ string, test failure) {
		node := couchbasetest.Prepared(t, couchbasetest.Options{})
		l := open(t, node)
		incidents := l.Collection(bucket, layout.Incidents)
		happened(t, l, incidents, "a", "b")
		node.Web().Fail(couchbasetest.WebFault{Of: "incidents", Effect: test.effect})
		_, err := list(t.Context(), incidents)
		wantCode(t, err, monitor.Unavailable, test.says...)

		node.Web().Heal()
		if ids, err := list(t.Context(), incidents); err != nil || len(ids) != 2 {
			t.Errorf("once it is well again: got %v and %v, want two", ids, err)
		}
	})
}

func TestTheQueryServiceIsAway(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	node.Web().StopQuery()
	happened(t, l, incidents, "a")
	_, err := list(t.Context(), incidents)
	wantCode(t, err, monitor.Unavailable, "query service")
	if err := l.Ready(t.Context(), bucket); err != nil {
		t.Errorf("what checks and tells needs no queries: %v", err)
	}
	if err := node.Web().StartQuery(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "queries are answered again", func() bool { ids, err := list(t.Context(), incidents); return err == nil && len(ids) == 1 })
}

func TestQueryErrorsOfTheCaller(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	happened(t, l, incidents, "a", "b")
	full := monitor.Errorf(monitor.Conflict, "enough")
	err := incidents.Query(t.Context(), statements.Incidents(statements.IncidentPage{}), map[string]any{
		"from": 0, "before": 1000, "id": "", "limit": 1000,
	}, func([]byte) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v, want the caller's own", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := list(gone, incidents); !errors.Is(err, context.Canceled) || !errors.Is(err, monitor.Unavailable) {
		t.Errorf("got %v, want one that wraps the context's", err)
	}
	err = incidents.Query(t.Context(), statements.Statement{Name: "nonsense", Text: "SELEC 1"}, nil, func([]byte) error { return nil })
	if _, ok := errors.AsType[*gocb.QueryError](err); !ok {
		t.Errorf("%v does not wrap the client's error", err)
	}
}

func TestAnAnswerThatIsTooLarge(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	row := `{"id":"` + strings.Repeat("x", 1<<20) + `"},`
	node.Web().Fail(couchbasetest.WebFault{Of: "FROM incidents", Effect: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"results":[`)
			for range 70 {
				_, _ = io.WriteString(w, row)
			}
			_, _ = io.WriteString(w, `{}],"status":"success"}`)
		})
	}})
	taken := 0
	err := incidents.Query(t.Context(), statements.Statement{Name: "all of it", Text: "SELECT * FROM incidents"}, nil, func(row []byte) error {
		taken += len(row)
		return nil
	})
	wantCode(t, err, monitor.Invalid, "all of it", "64 MiB")
	if taken > 64<<20 {
		t.Errorf("%d bytes were handed on, want at most 64 MiB", taken)
	}
}

func TestReadyWithoutBuckets(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	if err := open(t, node).Ready(t.Context()); err != nil {
		t.Errorf("a cluster without a bucket: %v", err)
	}
	s := settingsOf(node)
	s.Password = "guessed and wrong"
	wantCode(t, openWith(t, s, link.Options{}).Ready(t.Context()), monitor.Unavailable, "refuses the user Administrator")
	node.Stop()
	wantCode(t, open(t, node).Ready(t.Context()), monitor.Unavailable, "127.0.0.1:")
}

// TestReadyWhileQueriesHang takes every place that queries have: readiness is about
// what the monitor cannot do without, and needs none of them.
func TestReadyWhileQueriesHang(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Prepared(t, couchbasetest.Options{})
	l := open(t, node)
	incidents := l.Collection(bucket, layout.Incidents)
	var hang atomic.Int64
	node.Web().Fail(couchbasetest.WebFault{Of: "incidents", Effect: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			hang.Add(1)
			<-r.Context().Done()
		})
	}})
	statement := statements.Incidents(statements.IncidentPage{})
	statement.Prepared, statement.Timeout = false, time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	const all = 32
	for range all {
		asking.Go(func() {
			_ = incidents.Query(ctx, statement, map[string]any{"from": 0, "before": 1, "id": "", "limit": 1}, func([]byte) error { return nil })
		})
	}
	eventually(t, "all queries hang", func() bool { return hang.Load() == all })
	if err := l.Ready(within(t, time.Minute), bucket); err != nil {
		t.Errorf("got %v, want a link that is ready", err)
	}
}
