package storagetest

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var noticeTests = map[string]func(t *testing.T, open Place){
	"notices/are pending by incident, channel and sequence":  with(testPendingNotices),
	"notices/the same notice twice is kept once":             with(testNoticeTwice),
	"notices/a delivered or given up one is pending no more": with(testNoticeFinished),
	"notices/a second writer gets a conflict":                with(testNoticeConflict),
	"notices/of many writers at once one wins":               with(testNoticeRace),
	"notices/one that is not stored is not found":            with(testNoNotice),
	"notices/of an incident come by sequence, then channel":  with(testNoticesOf),
	"notices/no notices at all are saved without fuss":       with(testSaveNothing),
}

// savedNotices keeps the notices and returns them without their revisions.
func savedNotices(t *testing.T, store storage.Store, notices ...monitor.Notice) {
	t.Helper()
	check(t, store.SaveNotices(t.Context(), notices))
}

func withoutRevision(t *testing.T, notices []monitor.Notice) []monitor.Notice {
	t.Helper()
	for i := range notices {
		if notices[i].Revision == 0 {
			t.Errorf("got revision 0 of a stored notice, want another")
		}
		notices[i].Revision = 0
	}
	return notices
}

func testPendingNotices(t *testing.T, store storage.Store) {
	other := notice("c", 1, "shop/a")
	other.Shard = 4
	savedNotices(t, store, notice("b", 2, "shop/a"), notice("b", 1, "shop/b"), notice("b", 1, "shop/a"), notice("a", 10, "shop/z"), other)
	want := []monitor.Notice{notice("a", 10, "shop/z"), notice("b", 1, "shop/a"), notice("b", 2, "shop/a"), notice("b", 1, "shop/b")}
	wantSame(t, withoutRevision(t, must(store.PendingNotices(t.Context(), 3))(t)), want)
	wantSame(t, must(store.PendingNotices(t.Context(), 5))(t), nil)
}

func testNoticeTwice(t *testing.T, store storage.Store) {
	first := notice("a", 1, "shop/a")
	savedNotices(t, store, first)
	stored := must(store.NoticesOf(t.Context(), "a"))(t)[0]
	stored.Accepted, stored.Receipt = origin+5, "1.5"
	must(store.UpdateNotice(t.Context(), stored))(t)

	savedNotices(t, store, first, notice("a", 1, "shop/b"))
	got := withoutRevision(t, must(store.NoticesOf(t.Context(), "a"))(t))
	stored.Revision = 0
	wantSame(t, got, []monitor.Notice{stored, notice("a", 1, "shop/b")})
}

func testNoticeFinished(t *testing.T, store storage.Store) {
	savedNotices(t, store, notice("a", 1, "shop/a"), notice("a", 1, "shop/b"), notice("a", 1, "shop/c"))
	pending := must(store.PendingNotices(t.Context(), 3))(t)
	pending[0].Accepted, pending[1].GivenUp, pending[2].Attempts = origin, origin, 1
	pending[2].Lease, pending[2].NextTry, pending[2].Error = origin+1, origin+2, "429"
	for _, one := range pending {
		must(store.UpdateNotice(t.Context(), one))(t)
	}
	left := withoutRevision(t, must(store.PendingNotices(t.Context(), 3))(t))
	pending[2].Revision = 0
	wantSame(t, left, pending[2:])
}

func testNoticeConflict(t *testing.T, store storage.Store) {
	savedNotices(t, store, notice("a", 1, "shop/a"))
	first := must(store.NoticesOf(t.Context(), "a"))(t)[0]
	second := first
	first.Receipt, second.Receipt = "first", "second"
	revision := must(store.UpdateNotice(t.Context(), first))(t)
	_, err := store.UpdateNotice(t.Context(), second)
	wantCode(t, err, monitor.Conflict)
	second.Revision = revision
	must(store.UpdateNotice(t.Context(), second))(t)
	wantSame(t, must(store.NoticesOf(t.Context(), "a"))(t)[0].Receipt, "second")
}

func testNoticeRace(t *testing.T, store storage.Store) {
	savedNotices(t, store, notice("a", 1, "shop/a"))
	read := must(store.NoticesOf(t.Context(), "a"))(t)[0]
	WantOneWinner(t, Together(16, func(i int) error {
		mine := read
		mine.Lease = origin + monitor.Instant(i)
		_, err := store.UpdateNotice(t.Context(), mine)
		return err
	}))
}

func testNoNotice(t *testing.T, store storage.Store) {
	savedNotices(t, store, notice("a", 1, "shop/a"))
	_, err := store.UpdateNotice(t.Context(), notice("a", 2, "shop/a"))
	wantCode(t, err, monitor.NotFound)
}

func testNoticesOf(t *testing.T, store storage.Store) {
	savedNotices(t, store, notice("a", 10, "shop/a"), notice("a", 2, "shop/b"), notice("a", 2, "shop/a"), notice("b", 1, "shop/a"))
	want := []monitor.Notice{notice("a", 2, "shop/a"), notice("a", 2, "shop/b"), notice("a", 10, "shop/a")}
	wantSame(t, withoutRevision(t, must(store.NoticesOf(t.Context(), "a"))(t)), want)
	wantSame(t, must(store.NoticesOf(t.Context(), "none"))(t), nil)
}

func testSaveNothing(t *testing.T, store storage.Store) {
	check(t, store.SaveNotices(t.Context(), nil))
}
