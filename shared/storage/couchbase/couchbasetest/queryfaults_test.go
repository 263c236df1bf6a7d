package couchbasetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/statements"
)

func consistency(c gocb.QueryScanConsistency) func(*gocb.QueryOptions) {
	return func(o *gocb.QueryOptions) { o.ScanConsistency = c }
}

// settled waits until the client has read what the cluster can do. Until then it
// prepares a statement and runs it in two requests, though the cluster can do both
// in one. That the cluster has no replicas to ask is told in the same configuration,
// a step later.
func settled(t *testing.T, scope *gocb.Scope, s statements.Statement) {
	t.Helper()
	fromReplica := func(o *gocb.QueryOptions) { o.Adhoc, o.UseReplica = true, gocb.QueryUseReplicaLevelOn }
	for begun := time.Now(); time.Since(begun) < time.Minute; {
		if _, err := ask(scope, s, whole(), fromReplica); errors.Is(err, gocb.ErrFeatureNotAvailable) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the client has not read the configuration in a minute")
}

func within(timeout time.Duration) func(*gocb.QueryOptions) {
	return func(o *gocb.QueryOptions) { o.Timeout, o.RetryStrategy = timeout, never{} }
}

func TestQueriesOfIndexesThatAreBehind(t *testing.T) {
	t.Parallel()
	list := statements.Incidents(statements.IncidentPage{})
	node, scope, _ := listing(t, couchbasetest.Cluster{})
	incidents := scope.Collection("incidents")
	added, err := incidents.Insert("i:new", incident{ID: "new", Started: 900}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := second2(incidents.Replace("i:i00", incident{ID: "i00", Started: 950}, nil)); err != nil {
		t.Fatal(err)
	}
	if err := second2(incidents.Remove("i:i05", nil)); err != nil {
		t.Fatal(err)
	}
	node.Web().Lag(3)
	with := func(o *gocb.QueryOptions) { o.ConsistentWith = gocb.NewMutationState(*added.MutationToken()) }
	tests := map[string]struct {
		change func(*gocb.QueryOptions)
		first  string
		rows   int
	}{
		"none asked for":        {func(*gocb.QueryOptions) {}, "i03", 12},
		"not bounded":           {consistency(gocb.QueryScanConsistencyNotBounded), "i03", 12},
		"request plus":          {consistency(gocb.QueryScanConsistencyRequestPlus), "i00", 12},
		"at plus the first one": {with, "new", 13},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := ask(scope, list, whole(), test.change)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != test.rows || rows[0]["id"] != test.first {
				t.Errorf("got %d rows, %v first; want %d, %s", len(rows), rows[0]["id"], test.rows, test.first)
			}
		})
	}
}

func TestQueriesArePreparedOnce(t *testing.T) {
	t.Parallel()
	list := statements.Incidents(statements.IncidentPage{})
	node, scope, _ := listing(t, couchbasetest.Cluster{})
	settled(t, scope, list)
	node.Web().ResetCounts()
	for range 5 {
		if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
			t.Fatalf("got %d rows and %v, want 12", len(rows), err)
		}
	}
	counts := node.Web().Counts()
	if prepared, run := counts["prepare incidents"].Requests, counts["incidents"].Requests; prepared != 1 || run != 4 {
		t.Errorf("got %d prepared and %d run, want 1 and 4 of 5", prepared, run)
	}

	node.Web().ForgetPrepared()
	if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
		t.Errorf("forgotten: got %d rows and %v, want 12", len(rows), err)
	}
	if prepared := node.Web().Counts()["prepare incidents"].Requests; prepared != 2 {
		t.Errorf("got %d prepared, want 2 after all was forgotten", prepared)
	}
}

func TestQueriesFail(t *testing.T) {
	t.Parallel()
	list := statements.Incidents(statements.IncidentPage{})
	tests := map[string]struct {
		effect couchbasetest.Effect
		within time.Duration
		as     error // nil: none
		code   uint32
	}{
		"by an error that passes":     {couchbasetest.RefuseQuery(5000, "cannot now", false), time.Minute, gocb.ErrInternalServerFailure, 5000},
		"by an unreadable answer":     {couchbasetest.Refuse(503, "Service Unavailable"), time.Minute, nil, 0},
		"by no answer":                {couchbasetest.Hang(), time.Second, gocb.ErrTimeout, 0},
		"by a broken connection":      {couchbasetest.Reset(), time.Minute, nil, 0},
		"by a connection cut in rows": {couchbasetest.CutAfter(200), time.Minute, nil, 0},
		"by an answer that is lost":   {couchbasetest.LoseAnswer(), time.Minute, nil, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, scope, _ := listing(t, couchbasetest.Cluster{})
			settled(t, scope, list)
			node.Web().Fail(couchbasetest.WebFault{Of: "FROM incidents", Skip: 1, Effect: test.effect})
			if _, err := ask(scope, list, whole()); err != nil {
				t.Fatal(err)
			}
			_, err := ask(scope, list, whole(), within(test.within))
			if err == nil || test.as != nil && !errors.Is(err, test.as) || test.code != 0 && codeOf(err) != test.code {
				t.Errorf("got %v, want %v", err, test.as)
			}
			node.Web().Heal()
			if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
				t.Errorf("healed: got %d rows and %v, want 12", len(rows), err)
			}
		})
	}

	t.Run("and are tried again where the server says so", func(t *testing.T) {
		t.Parallel()
		node, scope, _ := listing(t, couchbasetest.Cluster{})
		node.Web().Fail(couchbasetest.WebFault{Of: "FROM incidents", Times: 2, Effect: couchbasetest.RefuseQuery(5000, "cannot now", true)})
		if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
			t.Errorf("got %d rows and %v, want 12", len(rows), err)
		}
	})

	t.Run("while the service is away, and not after", func(t *testing.T) {
		t.Parallel()
		node, scope, _ := listing(t, couchbasetest.Cluster{})
		node.Web().StopQuery()
		if _, err := ask(scope, list, whole(), within(time.Minute)); err == nil {
			t.Error("got rows of a service that is away")
		}
		if err := second2(scope.Collection("incidents").Get("i:i00", nil)); err != nil {
			t.Errorf("documents: got %v, want none", err)
		}
		if err := node.Web().StartQuery(); err != nil {
			t.Fatal(err)
		}
		if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
			t.Errorf("back: got %d rows and %v, want 12", len(rows), err)
		}
	})

	t.Run("with a password that was changed", func(t *testing.T) {
		t.Parallel()
		node, scope, _ := listing(t, couchbasetest.Cluster{})
		node.SetPassword(couchbasetest.DefaultUser, "another")
		if _, err := ask(scope, list, whole()); !errors.Is(err, gocb.ErrAuthenticationFailure) {
			t.Errorf("got %v, want ErrAuthenticationFailure", err)
		}
	})

	t.Run("while the node hangs", func(t *testing.T) {
		t.Parallel()
		node, scope, _ := listing(t, couchbasetest.Cluster{})
		node.Pause()
		if _, err := ask(scope, list, whole(), within(time.Second)); !errors.Is(err, gocb.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		node.Resume()
		if rows, err := ask(scope, list, whole()); err != nil || len(rows) != 12 {
			t.Errorf("resumed: got %d rows and %v, want 12", len(rows), err)
		}
	})
}
