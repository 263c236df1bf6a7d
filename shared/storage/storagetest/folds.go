package storagetest

import (
	"iter"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var foldTests = map[string]func(t *testing.T, open Place){
	"folds/windows come back whole, in the order asked for": with(testWindows),
	"folds/a window that is not stored is empty":            with(testNoWindow),
	"folds/a changed window is a conflict":                  with(testWindowConflict),
	"folds/a window is inserted once":                       with(testWindowInsert),
	"folds/a changed pack is a conflict":                    with(testPackConflict),
	"folds/of many folds at once one wins":                  with(testWindowRace),
	"folds/a conflict moves neither the mark nor the tail":  with(testConflict),
	"folds/made again after a conflict it gives the same":   with(testFoldAgain),
	"folds/parts are kept with the fold":                    with(testFoldParts),
	"folds/an error among parts moves no mark and no tail":  with(testBrokenParts),
	"folds/packs come back whole, and are replaced":         with(testPacks),
	"folds/rows leave the tail up to the drop":              with(testDrop),
	"folds/rows that are not folded never leave the tail":   with(testDropBeyondFolded),
	"folds/the folded mark never goes back":                 with(testFoldedMark),
	"folds/the same fold twice without windows is the same": with(testFoldTwice),
	"folds/the caller may change what it handed in":         with(testFoldAliasing),
}

func testWindows(t *testing.T, store storage.Store) {
	one := windowOf(passed(shop, 0), failed(shop, 1), passed(shop, 2))
	two := windowOf(passed("shop/cart", 5))
	later := windowOf(passed(shop, 600), passed(shop, 601))
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{one, two, later}}))
	got := must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(later), keyOf(two), keyOf(one)}))(t)
	for i := range got {
		if got[i].Revision == 0 {
			t.Errorf("got revision 0 of a stored window, want another")
		}
		got[i].Revision = 0
	}
	wantSame(t, got, []monitor.Window{later, two, one})
}

func testNoWindow(t *testing.T, store storage.Store) {
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{windowOf(passed(shop, 0))}}))
	keys := []monitor.WindowKey{
		{Endpoint: shop, Location: here, Start: origin.Add(monitor.WindowSpan)},
		{Endpoint: shop, Location: "elsewhere", Start: origin},
		{Endpoint: "shop/none", Location: here, Start: origin},
	}
	got := must(store.Windows(t.Context(), keys))(t)
	want := make([]monitor.Window, len(keys))
	for i, key := range keys {
		want[i] = monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
	}
	wantSame(t, got, want)
}

func testWindowConflict(t *testing.T, store storage.Store) {
	window := windowOf(passed(shop, 0))
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{window}}))
	read := must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(window)}))(t)[0]
	read.Rows = append(read.Rows, passed(shop, 1))
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{read}}))

	read.Rows = read.Rows[:1]
	wantCode(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{read}}), monitor.Conflict)
	got := must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(window)}))(t)[0]
	wantSame(t, got.Rows, []monitor.Result{passed(shop, 0), passed(shop, 1)})
}

func testWindowInsert(t *testing.T, store storage.Store) {
	fold := storage.Fold{Windows: []monitor.Window{windowOf(passed(shop, 0))}}
	check(t, store.CommitFold(t.Context(), fold))
	wantCode(t, store.CommitFold(t.Context(), fold), monitor.Conflict)
}

func testWindowRace(t *testing.T, store storage.Store) {
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{windowOf(passed(shop, 0))}}))
	for round := 1; round < 5; round++ {
		read := must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(windowOf(passed(shop, 0)))}))(t)[0]
		WantOneWinner(t, Together(8, func(i int) error {
			mine := read
			mine.Rows = append(append([]monitor.Result{}, read.Rows...), passed(shop, round))
			return store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{mine}})
		}))
	}
}

func testPackConflict(t *testing.T, store storage.Store) {
	pack := monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{cell(origin, 1)}}
	check(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{pack}}))
	wantCode(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{pack}}), monitor.Conflict)
	read := must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(pack)}))(t)[0]
	newer, older := read, read
	newer.Cells = []monitor.Cell{cell(origin, 2)}
	check(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{newer}}))
	wantCode(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{older}}), monitor.Conflict)
	got := must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(pack)}))(t)[0]
	wantSame(t, got.Cells, newer.Cells)
}

// contested are a fold, the window in which someone else has written first, and
// the number of the one row in the tail.
func contested(t *testing.T, store storage.Store) (fold storage.Fold, taken monitor.Window, seq int64) {
	t.Helper()
	check(t, store.AppendTail(t.Context(), 0, origin, []byte("row")))
	seq = must(store.TailRows(t.Context(), 0, 0, 1))(t)[0].Seq
	taken = windowOf(passed(shop, 0))
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{taken}}))
	return storage.Fold{
		Windows: []monitor.Window{windowOf(passed("shop/cart", 0)), windowOf(passed(shop, 1))},
		Packs:   []monitor.Pack{{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{cell(origin, 1)}}},
		Latest:  []monitor.Result{passed(shop, 1)}, Folded: seq, Drop: seq,
	}, taken, seq
}

func testConflict(t *testing.T, store storage.Store) {
	fold, taken, _ := contested(t, store)
	wantCode(t, store.CommitFold(t.Context(), fold), monitor.Conflict)
	if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 1 {
		t.Errorf("got %d rows in the tail, want 1", len(rows))
	}
	wantSame(t, must(store.Folded(t.Context(), 0))(t), 0)
	wantSame(t, must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(taken)}))(t)[0].Rows, taken.Rows)
}

func testFoldAgain(t *testing.T, store storage.Store) {
	fold, taken, seq := contested(t, store)
	wantCode(t, store.CommitFold(t.Context(), fold), monitor.Conflict)
	keys := []monitor.WindowKey{keyOf(fold.Windows[0]), keyOf(taken)}
	again := fold
	again.Windows = must(store.Windows(t.Context(), keys))(t)
	again.Packs = must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(fold.Packs[0])}))(t)
	for i := range again.Windows {
		again.Windows[i].Rows = monitor.Merge(again.Windows[i].Rows, fold.Windows[i].Rows)
	}
	again.Packs[0].Cells = fold.Packs[0].Cells
	check(t, store.CommitFold(t.Context(), again))

	wantSame(t, must(store.Results(t.Context(), shop, here, 0, forever))(t), []monitor.Result{passed(shop, 0), passed(shop, 1)})
	wantSame(t, must(store.Results(t.Context(), "shop/cart", here, 0, forever))(t), fold.Windows[0].Rows)
	wantSame(t, must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(fold.Packs[0])}))(t)[0].Cells, fold.Packs[0].Cells)
	wantSame(t, must(store.Latest(t.Context(), 0))(t), fold.Latest)
	wantSame(t, must(store.Folded(t.Context(), 0))(t), seq)
	wantSame(t, must(store.TailRows(t.Context(), 0, 0, 10))(t), nil)
}

func testPacks(t *testing.T, store storage.Store) {
	hour := monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{
		cell(origin, 1), cell(origin.Add(3*time.Minute), 2), {Start: origin.Add(4 * time.Minute), Unknown: 1},
	}}
	dayStart := monitor.Days.PackStart(origin)
	month := monitor.Pack{Tier: monitor.Days, Endpoint: shop, Location: here, Start: dayStart, Cells: []monitor.Cell{cell(dayStart, 9)}}
	missing := monitor.Pack{Tier: monitor.Hours, Endpoint: shop, Location: here, Start: monitor.Hours.PackStart(origin)}
	check(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{hour, month}}))
	keys := []monitor.PackKey{packKeyOf(month), packKeyOf(missing), packKeyOf(hour)}
	read := must(store.Packs(t.Context(), keys))(t)
	wantSame(t, read[1], missing)
	replaced := read[2]
	wantSame(t, withoutRevisions(t, []monitor.Pack{read[0], read[2]}), []monitor.Pack{month, hour})

	replaced.Cells = hour.Cells[:1]
	check(t, store.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{replaced}}))
	hour.Cells = hour.Cells[:1]
	read = must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(month), packKeyOf(hour)}))(t)
	wantSame(t, withoutRevisions(t, read), []monitor.Pack{month, hour})
}

// appendThree puts three rows into a shard's tail and returns their numbers.
func appendThree(t *testing.T, store storage.Store, shard int) [3]int64 {
	t.Helper()
	for i := range 3 {
		check(t, store.AppendTail(t.Context(), shard, origin, []byte{byte(i)}))
	}
	rows := must(store.TailRows(t.Context(), shard, 0, 10))(t)
	if len(rows) != 3 {
		t.Fatalf("got %d rows, want 3", len(rows))
	}
	return [3]int64{rows[0].Seq, rows[1].Seq, rows[2].Seq}
}

func testDrop(t *testing.T, store storage.Store) {
	seqs := appendThree(t, store, 4)
	appendThree(t, store, 5)
	check(t, store.CommitFold(t.Context(), storage.Fold{Shard: 4, Folded: seqs[2], Drop: seqs[0]}))
	rows := must(store.TailRows(t.Context(), 4, 0, 10))(t)
	if len(rows) != 2 || rows[0].Seq != seqs[1] {
		t.Errorf("got rows %v, want the second and the third", rows)
	}
	wantSame(t, must(store.Folded(t.Context(), 4))(t), seqs[2])
	if others := must(store.TailRows(t.Context(), 5, 0, 10))(t); len(others) != 3 {
		t.Errorf("got %d rows in another shard, want 3", len(others))
	}
}

func testDropBeyondFolded(t *testing.T, store storage.Store) {
	seqs := appendThree(t, store, 0)
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: seqs[0], Drop: seqs[2]}))
	if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 2 {
		t.Errorf("got %d rows, want the 2 that are not folded", len(rows))
	}
}

func testFoldedMark(t *testing.T, store storage.Store) {
	seqs := appendThree(t, store, 0)
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: seqs[1]}))
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: seqs[0]}))
	wantSame(t, must(store.Folded(t.Context(), 0))(t), seqs[1])
}

func testFoldTwice(t *testing.T, store storage.Store) {
	seqs := appendThree(t, store, 0)
	fold := storage.Fold{Latest: []monitor.Result{passed(shop, 1)}, Folded: seqs[1], Drop: seqs[1]}
	check(t, store.CommitFold(t.Context(), fold))
	check(t, store.CommitFold(t.Context(), fold))
	if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 1 {
		t.Errorf("got %d rows, want 1", len(rows))
	}
	wantSame(t, must(store.Latest(t.Context(), 0))(t), fold.Latest)
}

func testFoldAliasing(t *testing.T, store storage.Store) {
	window := windowOf(failed(shop, 0))
	pack := monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{cell(origin, 1)}}
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{window}, Packs: []monitor.Pack{pack}}))
	for range 2 {
		gotWindow := must(store.Windows(t.Context(), []monitor.WindowKey{keyOf(window)}))(t)[0]
		wantSame(t, gotWindow.Rows, []monitor.Result{failed(shop, 0)})
		gotPack := must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(pack)}))(t)[0]
		wantSame(t, gotPack.Cells, []monitor.Cell{cell(origin, 1)})
		window.Rows[0].Unmet[0].Got, gotWindow.Rows[0].Unmet[0].Got = "changed", "changed"
		pack.Cells[0].Sketch[0], gotPack.Cells[0].Sketch[0] = 99, 99
	}
}

// parts are a part of a window for each of two endpoints, the windows in one and
// the same room, and a last one of a pack, which comes with the error.
func parts(pack monitor.Pack, last error) iter.Seq2[storage.FoldPart, error] {
	room := make([]monitor.Result, 1)
	return func(yield func(storage.FoldPart, error) bool) {
		for _, endpoint := range []string{shop, "shop/cart"} {
			room[0] = passed(endpoint, 0)
			if !yield(storage.FoldPart{Windows: []monitor.Window{windowOf(room...)}}, nil) {
				return
			}
		}
		yield(storage.FoldPart{Packs: []monitor.Pack{pack}}, last)
	}
}

func testFoldParts(t *testing.T, store storage.Store) {
	check(t, store.AppendTail(t.Context(), 0, origin, []byte("row")))
	seq := must(store.TailRows(t.Context(), 0, 0, 1))(t)[0].Seq
	pack := monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{cell(origin, 1)}}
	check(t, store.CommitFold(t.Context(), storage.Fold{Folded: seq, Drop: seq, Parts: parts(pack, nil)}))
	wantSame(t, must(store.Folded(t.Context(), 0))(t), seq)
	keys := []monitor.WindowKey{keyOf(windowOf(passed(shop, 0))), keyOf(windowOf(passed("shop/cart", 0)))}
	for _, window := range must(store.Windows(t.Context(), keys))(t) {
		wantSame(t, window.Rows, []monitor.Result{passed(window.Endpoint, 0)})
	}
	wantSame(t, must(store.Packs(t.Context(), []monitor.PackKey{packKeyOf(pack)}))(t)[0].Cells, pack.Cells)
}

func testBrokenParts(t *testing.T, store storage.Store) {
	check(t, store.AppendTail(t.Context(), 0, origin, []byte("row")))
	seq := must(store.TailRows(t.Context(), 0, 0, 1))(t)[0].Seq
	broken := monitor.Errorf(monitor.Unavailable, "the last part cannot be read")
	err := store.CommitFold(t.Context(), storage.Fold{
		Latest: []monitor.Result{passed(shop, 0)}, Folded: seq, Drop: seq, Parts: parts(monitor.Pack{}, broken),
	})
	wantCode(t, err, monitor.Unavailable)
	wantSame(t, must(store.Folded(t.Context(), 0))(t), 0)
	if rows := must(store.TailRows(t.Context(), 0, 0, 10))(t); len(rows) != 1 {
		t.Errorf("got %d rows in the tail, want 1", len(rows))
	}
}
