package storagetest

import (
	"fmt"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var tailTests = map[string]func(t *testing.T, open Place){
	"tail/rows come back oldest first, as they came":       with(testTailOrder),
	"tail/a read starts behind a row and stops at a limit": with(testTailPaging),
	"tail/each shard has its own":                          with(testTailShards),
	"tail/appends at once are all kept":                    with(testTailTogether),
	"tail/a row's number is never used again":              testTailNumbers,
	"tail/the caller may change what it handed in":         with(testTailAliasing),
	"tail/nothing is folded at first":                      with(testTailUnfolded),
	"tail/a mark ends before the first row that is late":   with(testTailMark),
}

func testTailOrder(t *testing.T, store storage.Store) {
	for i := range 10 {
		check(t, store.AppendTail(t.Context(), 3, origin+monitor.Instant(i), fmt.Appendf(nil, "event %d", i)))
	}
	rows := must(store.TailRows(t.Context(), 3, 0, 100))(t)
	if len(rows) != 10 {
		t.Fatalf("got %d rows, want 10", len(rows))
	}
	for i, row := range rows {
		if want := fmt.Sprintf("event %d", i); string(row.Data) != want || row.Arrived != origin+monitor.Instant(i) {
			t.Errorf("got row %q that arrived at %d, want %q at %d", row.Data, row.Arrived, want, origin+monitor.Instant(i))
		}
		if i > 0 && row.Seq <= rows[i-1].Seq {
			t.Errorf("got number %d after %d, want a higher one", row.Seq, rows[i-1].Seq)
		}
	}
}

func testTailPaging(t *testing.T, store storage.Store) {
	for i := range 5 {
		check(t, store.AppendTail(t.Context(), 0, origin, []byte{byte(i)}))
	}
	var read []byte
	after := int64(0)
	for range 3 {
		rows := must(store.TailRows(t.Context(), 0, after, 2))(t)
		for _, row := range rows {
			read, after = append(read, row.Data...), row.Seq
		}
	}
	wantSame(t, read, []byte{0, 1, 2, 3, 4})
	wantSame(t, must(store.TailRows(t.Context(), 0, after, 2))(t), nil)
}

func testTailShards(t *testing.T, store storage.Store) {
	check(t, store.AppendTail(t.Context(), 1, origin, []byte("one")))
	check(t, store.AppendTail(t.Context(), 2, origin, []byte("two")))
	rows := must(store.TailRows(t.Context(), 2, 0, 10))(t)
	if len(rows) != 1 || string(rows[0].Data) != "two" {
		t.Errorf("got rows %v of shard 2, want its own one", rows)
	}
}

func testTailTogether(t *testing.T, store storage.Store) {
	const writers, each = 16, 20
	for _, err := range Together(writers, func(i int) error {
		for n := range each {
			if err := store.AppendTail(t.Context(), 5, origin, fmt.Appendf(nil, "%d/%d", i, n)); err != nil {
				return err
			}
		}
		return nil
	}) {
		check(t, err)
	}
	rows := must(store.TailRows(t.Context(), 5, 0, 1000))(t)
	seen := map[string]bool{}
	last := map[int]int{}
	for _, row := range rows {
		var writer, n int
		if _, err := fmt.Sscanf(string(row.Data), "%d/%d", &writer, &n); err != nil {
			t.Fatalf("got row %q, want one that was written", row.Data)
		}
		if n < last[writer] {
			t.Errorf("got row %q behind row %d of the same writer, want its order kept", row.Data, last[writer])
		}
		seen[string(row.Data)], last[writer] = true, n
	}
	if len(seen) != writers*each || len(rows) != writers*each {
		t.Errorf("got %d rows, %d different ones, want %d", len(rows), len(seen), writers*each)
	}
}

func testTailNumbers(t *testing.T, open Place) {
	store := opened(t, open)
	check(t, store.AppendTail(t.Context(), 0, origin, []byte("first")))
	first := must(store.TailRows(t.Context(), 0, 0, 1))(t)[0].Seq
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: first, Drop: first}))
	store = reopened(t, open, store)
	check(t, store.AppendTail(t.Context(), 0, origin, []byte("second")))
	rows := must(store.TailRows(t.Context(), 0, first, 10))(t)
	if len(rows) != 1 {
		t.Errorf("got %d rows beyond number %d, want the new one", len(rows), first)
	}
}

func testTailAliasing(t *testing.T, store storage.Store) {
	data := []byte("as it came")
	check(t, store.AppendTail(t.Context(), 0, origin, data))
	copy(data, "CHANGED!!!")
	row := must(store.TailRows(t.Context(), 0, 0, 1))(t)[0]
	copy(row.Data, "CHANGED!!!")
	again := must(store.TailRows(t.Context(), 0, 0, 1))(t)[0]
	wantSame(t, string(again.Data), "as it came")
}

func testTailUnfolded(t *testing.T, store storage.Store) {
	wantSame(t, must(store.Folded(t.Context(), 7))(t), 0)
	wantSame(t, must(store.TailRows(t.Context(), 7, 0, 10))(t), nil)
}

func testTailMark(t *testing.T, store storage.Store) {
	wantSame(t, must(store.TailMark(t.Context(), 6, origin))(t), 0)
	for _, after := range []monitor.Instant{0, 1, 3, 2, 5} { // the clock was set back once
		check(t, store.AppendTail(t.Context(), 6, origin+after, []byte("row")))
		check(t, store.AppendTail(t.Context(), 7, origin, []byte("of another shard")))
	}
	rows := must(store.TailRows(t.Context(), 6, 0, 10))(t)
	for before, want := range []int64{0, rows[0].Seq, rows[1].Seq, rows[1].Seq, rows[3].Seq, rows[3].Seq, rows[4].Seq} {
		wantSame(t, must(store.TailMark(t.Context(), 6, origin+monitor.Instant(before)))(t), want)
	}
}
