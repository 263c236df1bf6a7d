package migrate_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/migrate"
)

// oneBucket are settings with everything in one bucket.
func oneBucket(node *couchbasetest.Node) couchbase.Settings {
	settings := settingsOf(node)
	settings.Buckets = []string{"meta"}
	return settings
}

// whole is the shape of a node after a migration that nothing disturbed.
func whole(t *testing.T) []string {
	t.Helper()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	migrated(t, oneBucket(node), create())
	return shape(t, node)
}

// TestInterrupted ends a migration at each of its requests, before or after the
// cluster has done what was asked, and runs it again.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	want := whole(t)
	for name, effect := range map[string]couchbasetest.Effect{
		"before it is done": couchbasetest.Reset(),
		"after it is done":  couchbasetest.LoseAnswer(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := 0
			for n, met := 0, true; met; n++ {
				met = interruptedAt(t, n, effect, want)
				ended = n
			}
			if ended < 20 {
				t.Errorf("got %d requests, want each of a migration's, which are more", ended)
			}
			fmt.Printf("fault: %-42s migrations %4d, ended alike %4d\n", "migration ended "+name, ended, ended)
		})
	}
}

// interruptedAt ends a migration at its nth request, and reports whether it had so
// many.
func interruptedAt(t *testing.T, n int, effect couchbasetest.Effect, want []string) bool {
	t.Helper()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	defer node.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var met atomic.Bool
	node.Web().Fail(couchbasetest.WebFault{Skip: n, Times: 1, Effect: func(answer http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			met.Store(true)
			cancel()
			effect(answer).ServeHTTP(w, r)
		})
	}})
	_, err := migrate.Run(ctx, oneBucket(node), create())
	if (err == nil) == met.Load() {
		t.Errorf("request %d: got error %v, want one if it was the end", n, err)
	}
	migrated(t, oneBucket(node), create())
	if diff := cmp.Diff(want, shape(t, node)); diff != "" {
		t.Errorf("ended at request %d, and run again (-want +got):\n%s", n, diff)
	}
	return met.Load()
}

// TestDisturbed lets the 1st, 4th, 9th, 16th … request of a migration fail, and
// wants it to go on.
func TestDisturbed(t *testing.T) {
	t.Parallel()
	want := whole(t)
	for name, effect := range map[string]couchbasetest.Effect{
		"the cluster cannot yet":  couchbasetest.Refuse(http.StatusServiceUnavailable, "Cannot do it during a rebalance"),
		"the query service fails": couchbasetest.RefuseQuery(5000, "GSI CreateIndex() - cause: Encountered transient error", false),
		"the answer is lost":      couchbasetest.LoseAnswer(),
		"the answer is cut short": couchbasetest.CutAfter(3),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := couchbasetest.Start(t, couchbasetest.Options{})
			var met, asked atomic.Int64
			node.Web().Fail(couchbasetest.WebFault{Effect: func(answer http.Handler) http.Handler {
				n := math.Sqrt(float64(asked.Add(1)))
				if n != math.Trunc(n) {
					return answer
				}
				met.Add(1)
				return effect(answer)
			}})
			migrated(t, oneBucket(node), create())
			if diff := cmp.Diff(want, shape(t, node)); diff != "" || met.Load() < 3 {
				t.Errorf("after %d faults (-want +got):\n%s", met.Load(), diff)
			}
			fmt.Printf("fault: %-42s requests met %4d, ended alike\n", "migration: "+name, met.Load())
		})
	}
}

// TestVersionInterrupted breaks off the writing of the version, which comes last.
func TestVersionInterrupted(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]couchbasetest.Fault{
		"the write is lost":             {Ops: []memd.CmdCode{memd.CmdAdd}, Break: true},
		"the answer is lost":            {Ops: []memd.CmdCode{memd.CmdAdd}, Break: true, Applied: true},
		"the bucket is short of memory": {Ops: []memd.CmdCode{memd.CmdAdd}, Status: memd.StatusTmpFail},
		"the reading is lost":           {Ops: []memd.CmdCode{memd.CmdGet}, Break: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := couchbasetest.Start(t, couchbasetest.Options{})
			fault.Collection, fault.Key, fault.Times = layout.Installation, layout.Schema, 2
			armed := node.Faults().Add(fault)
			migrated(t, oneBucket(node), create())
			kept, err := node.Documents().All(couchbasetest.Place{Bucket: "meta", Scope: layout.Scope, Collection: layout.Installation})
			if err != nil || len(kept) != 1 || armed.Met() == 0 {
				t.Errorf("got %d documents (%v) and %d faults, want one and some", len(kept), err, armed.Met())
			}
		})
	}
}

// TestTogether lets eight pods migrate at once, while indexes take their time.
func TestTogether(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	node.Web().SlowBuilds(20)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := migrate.Run(t.Context(), oneBucket(node), create()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(whole(t), shape(t, node)); diff != "" {
		t.Errorf("by eight at once (-want +got):\n%s", diff)
	}
	if made := node.Web().Counts()["POST /pools/default/buckets"].Requests; made > 8 {
		t.Errorf("got %d requests for one bucket, want one of each at most", made)
	}
}

// TestQueryServiceAway starts a migration while the query service is away.
func TestQueryServiceAway(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	node.Web().Fail(couchbasetest.WebFault{Of: "CREATE", Times: 3, Effect: couchbasetest.RefuseQuery(1180, "System is initializing", false)})
	options := create()
	var told []string
	options.Tell = func(line string) {
		told = append(told, line)
		if line == "created the collection rollups of the bucket meta" {
			node.Web().StopQuery()
			if err := node.Web().StartQuery(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := migrate.Run(t.Context(), oneBucket(node), options); err != nil {
		t.Error(err)
	}
	const want = "waiting: create the index ix_incidents_time: replicas 0: the cluster cannot do it yet: System is initializing"
	if !slices.Contains(told, want) {
		t.Errorf("got told\n%s\nwant among it %s", strings.Join(told, "\n"), want)
	}
}

// TestPatience ends a migration whose cluster never gets ready. With more patience
// each time the slowest machine comes to where it waits.
func TestPatience(t *testing.T) {
	t.Parallel()
	node := couchbasetest.Start(t, couchbasetest.Options{})
	node.Web().SlowBuilds(1 << 30)
	options := create()
	const want = "the cluster was not ready in time: run the migration again, it goes on from here: the indexes "
	var err error
	for options.Patience = 2 * time.Second; options.Patience <= time.Minute; options.Patience *= 2 {
		_, err = migrate.Run(t.Context(), oneBucket(node), options)
		if err == nil || strings.HasPrefix(err.Error(), want) {
			break
		}
	}
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got error %v, want %s…", err, want)
	}
}
