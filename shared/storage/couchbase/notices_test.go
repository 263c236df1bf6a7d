package couchbase_test

import (
	"fmt"
	"testing"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// TestPendingNoticesSurviveTheTidying saves notices while other processes finish
// some and take them off the shard's list.
func TestPendingNoticesSurviveTheTidying(t *testing.T) {
	t.Parallel()
	const saved = 60
	node := prepared(t)
	stores := several(t, node, 4)
	written := make(chan struct{})
	wantAllWell(t, storagetest.Together(len(stores), func(i int) error {
		store := stores[i]
		if i == 0 {
			defer close(written)
			for n := range saved {
				if err := store.SaveNotices(t.Context(), []monitor.Notice{notice("a", n+1, "shop/oncall")}); err != nil {
					return err
				}
			}
			return nil
		}
		for {
			select {
			case <-written:
				return nil
			default:
			}
			pending, err := store.PendingNotices(t.Context(), 3)
			if err != nil {
				return err
			}
			for _, one := range pending {
				if one.Accepted = start; one.Sequence%3 == 0 {
					_, _ = store.UpdateNotice(t.Context(), one) // another process may have been first
				}
			}
		}
	}))
	left := map[int]bool{}
	for _, one := range must(stores[1].PendingNotices(t.Context(), 3))(t) {
		left[one.Sequence] = true
	}
	for n := 1; n <= saved; n++ {
		if n%3 != 0 && !left[n] {
			t.Errorf("got notice %d not pending, want it pending: nobody finished it", n)
		}
	}
}

// TestANoticeThatIsSavedAgainIsPending has the document of a notice lost, as by a
// node that fails before others have it. One process finds it missing and takes it
// off the list, while another saves it again.
func TestANoticeThatIsSavedAgainIsPending(t *testing.T) {
	t.Parallel()
	node := prepared(t)
	stores := several(t, node, 2)
	check(t, saveNotices(t.Context(), stores[0]))
	lost := couchbase.Key("n", "a", "1", "shop/oncall")
	check(t, collection(t, node, layout.Notices).Remove(t.Context(), []string{lost}))

	goOn := make(chan struct{})
	held := node.Faults().Add(couchbasetest.Fault{Ops: []memd.CmdCode{memd.CmdReplace}, Key: "p:3", Times: 1, Hold: goOn})
	tidied := make(chan error, 1)
	go func() {
		_, err := stores[0].PendingNotices(t.Context(), 3)
		tidied <- err
	}()
	<-held.First()
	check(t, saveNotices(t.Context(), stores[1]))
	close(goOn)
	check(t, <-tidied)
	check(t, wantNotices(t.Context(), stores[1], 2))
}

// TestFinishedNoticesLeaveTheList counts what the pending notices of a shard cost
// once there have been many.
func TestFinishedNoticesLeaveTheList(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]int{"while all is well": 0, "while too few replicas are there for a durable write": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testFinishedNoticesLeave(t, missing)
		})
	}
}

func testFinishedNoticesLeave(t *testing.T, missing int) {
	t.Helper()
	node := couchbasetest.Prepared(t, couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: "monitor", Replicas: 1}}})
	store := opened(t, node)
	for n := range 30 {
		check(t, store.SaveNotices(t.Context(), []monitor.Notice{notice(fmt.Sprint(n), 1, "shop/oncall")}))
	}
	for _, one := range must(store.PendingNotices(t.Context(), 3))(t) {
		one.GivenUp = start
		must(store.UpdateNotice(t.Context(), one))(t)
	}
	node.SetMissingReplicas(missing)
	kept := store.SaveNotices(t.Context(), []monitor.Notice{notice("x", 1, "shop/oncall")})
	must(store.PendingNotices(t.Context(), 3))(t)
	if ready := store.Ready(t.Context()); (kept == nil) != (missing == 0) || (ready == nil) != (missing == 0) {
		t.Errorf("got %v for what was to be kept and %v of readiness, with %d replicas missing", kept, ready, missing)
	}
	node.ResetCounts()
	if got := must(store.PendingNotices(t.Context(), 3))(t); len(got) != 1-missing {
		t.Errorf("got %d pending notices, want %d", len(got), 1-missing)
	}
	if got := node.Counts().Of(memd.CmdGet, "").Requests; got != 2-missing {
		t.Errorf("got %d documents read, want %d: the list, and what is pending", got, 2-missing)
	}
}
