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
	node := prepared(t)
	store := opened(t, node)
	for n := range 30 {
		check(t, store.SaveNotices(t.Context(), []monitor.Notice{notice(fmt.Sprint(n), 1, "shop/oncall")}))
	}
	for _, one := range must(store.PendingNotices(t.Context(), 3))(t) {
		one.GivenUp = start
		must(store.UpdateNotice(t.Context(), one))(t)
	}
	must(store.PendingNotices(t.Context(), 3))(t)
	node.ResetCounts()
	if got := must(store.PendingNotices(t.Context(), 3))(t); len(got) != 0 {
		t.Errorf("got %d pending notices, want none", len(got))
	}
	if got := node.Counts().Of(memd.CmdGet, "").Requests; got != 1 {
		t.Errorf("got %d documents read for no pending notice, want 1", got)
	}
}
