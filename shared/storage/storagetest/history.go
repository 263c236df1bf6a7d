package storagetest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var historyTests = map[string]func(t *testing.T, open Place){
	"history/results of a range come back oldest first": with(testResults),
	"history/a range has its start but not its end":     with(testResultsHalfOpen),
	"history/any range gives what lies in it":           with(testResultsProperty),
	"history/cells of a range come back oldest first":   with(testCells),
	"history/the cells of days cross months":            with(testDayCells),
	"history/nothing stored gives nothing":              with(testNoHistory),
	"history/latest keeps what other folds put":         with(testLatest),
	"history/an older result does not replace a later":  with(testLatestOlder),
}

const forever = monitor.Instant(1) << 50

func testResults(t *testing.T, store storage.Store) {
	var want []monitor.Result
	for _, seconds := range []int{0, 599, 600, 1800, 1801} { // windows in between are missing
		want = append(want, passed(shop, seconds))
	}
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{
		windowOf(want[3:]...), windowOf(want[:2]...), windowOf(want[2]), windowOf(passed("shop/cart", 600)),
	}}))
	wantSame(t, must(store.Results(t.Context(), shop, here, 0, forever))(t), want)
	wantSame(t, must(store.Results(t.Context(), shop, here, want[1].Due, want[4].Due))(t), want[1:4])
	wantSame(t, must(store.Results(t.Context(), shop, "elsewhere", 0, forever))(t), nil)
}

func testResultsHalfOpen(t *testing.T, store storage.Store) {
	check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{
		windowOf(passed(shop, 598), passed(shop, 599)), windowOf(passed(shop, 600)),
	}}))
	got := must(store.Results(t.Context(), shop, here, passed(shop, 599).Due, passed(shop, 600).Due))(t)
	wantSame(t, got, []monitor.Result{passed(shop, 599)})
	wantSame(t, must(store.Results(t.Context(), shop, here, origin, origin))(t), nil)
}

func testResultsProperty(t *testing.T, store storage.Store) {
	var all []monitor.Result
	windows := map[monitor.Instant][]monitor.Result{}
	for seconds := 0; seconds < 7200; seconds += 97 {
		row := passed(shop, seconds)
		all = append(all, row)
		start := monitor.WindowOf(&row).Start
		windows[start] = append(windows[start], row)
	}
	var fold storage.Fold
	for _, rows := range windows {
		fold.Windows = append(fold.Windows, windowOf(rows...))
	}
	check(t, store.CommitFold(t.Context(), fold))
	rapid.Check(t, func(r *rapid.T) {
		from := origin + monitor.Instant(rapid.Int64Range(-1_000_000, 8_000_000).Draw(r, "from"))
		to := from + monitor.Instant(rapid.Int64Range(-10_000, 8_000_000).Draw(r, "span"))
		var want []monitor.Result
		for _, row := range all {
			if from <= row.Due && row.Due < to {
				want = append(want, row)
			}
		}
		got, err := store.Results(t.Context(), shop, here, from, to)
		if err != nil || len(got) != len(want) {
			r.Fatalf("got %d results and error %v, want %d", len(got), err, len(want))
		}
		wantSame(t, got, want)
	})
}

func testCells(t *testing.T, store storage.Store) {
	var want []monitor.Cell
	var fold storage.Fold
	for _, hour := range []int{0, 1, 4} {
		start := origin.Add(time.Duration(hour) * time.Hour)
		cells := []monitor.Cell{cell(start, hour), cell(start.Add(59*time.Minute), hour)}
		fold.Packs = append(fold.Packs, monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: start, Cells: cells})
		want = append(want, cells...)
	}
	dayStart := monitor.Hours.PackStart(origin)
	fold.Packs = append(fold.Packs, monitor.Pack{Tier: monitor.Hours, Endpoint: shop, Location: here, Start: dayStart, Cells: []monitor.Cell{cell(origin, 50)}})
	check(t, store.CommitFold(t.Context(), fold))

	minutes := storage.Series{Tier: monitor.Minutes, Endpoint: shop, Location: here}
	wantSame(t, must(store.Cells(t.Context(), minutes, 0, forever))(t), want)
	wantSame(t, must(store.Cells(t.Context(), minutes, want[1].Start, want[4].Start))(t), want[1:4])
	hours := storage.Series{Tier: monitor.Hours, Endpoint: shop, Location: here}
	wantSame(t, must(store.Cells(t.Context(), hours, 0, forever))(t), []monitor.Cell{cell(origin, 50)})
}

func testDayCells(t *testing.T, store storage.Store) {
	var want []monitor.Cell
	var fold storage.Fold
	first := origin.Time()
	for month := range 12 {
		start := monitor.At(first.AddDate(0, month, 0))
		last := monitor.At(first.AddDate(0, month+1, -1))
		cells := []monitor.Cell{cell(start, month), cell(last, month)}
		fold.Packs = append(fold.Packs, monitor.Pack{Tier: monitor.Days, Endpoint: shop, Location: here, Start: start, Cells: cells})
		want = append(want, cells...)
	}
	check(t, store.CommitFold(t.Context(), fold))
	days := storage.Series{Tier: monitor.Days, Endpoint: shop, Location: here}
	wantSame(t, must(store.Cells(t.Context(), days, want[1].Start, want[22].Start))(t), want[1:22])
}

func testNoHistory(t *testing.T, store storage.Store) {
	series := storage.Series{Tier: monitor.Hours, Endpoint: shop, Location: here}
	wantSame(t, must(store.Results(t.Context(), shop, here, 0, forever))(t), nil)
	wantSame(t, must(store.Cells(t.Context(), series, 0, forever))(t), nil)
	wantSame(t, must(store.Latest(t.Context(), 0))(t), nil)
}

func testLatest(t *testing.T, store storage.Store) {
	away := passed(shop, 2)
	away.Location = "away"
	check(t, store.CommitFold(t.Context(), storage.Fold{Shard: 2, Latest: []monitor.Result{passed(shop, 1), passed("shop/cart", 1)}}))
	check(t, store.CommitFold(t.Context(), storage.Fold{Shard: 2, Latest: []monitor.Result{failed(shop, 2), away}}))
	check(t, store.CommitFold(t.Context(), storage.Fold{Shard: 3, Latest: []monitor.Result{passed("shop/other", 3)}}))
	wantSame(t, must(store.Latest(t.Context(), 2))(t), []monitor.Result{passed("shop/cart", 1), away, failed(shop, 2)})
}

func testLatestOlder(t *testing.T, store storage.Store) {
	check(t, store.CommitFold(t.Context(), storage.Fold{Latest: []monitor.Result{passed(shop, 5)}}))
	check(t, store.CommitFold(t.Context(), storage.Fold{Latest: []monitor.Result{failed(shop, 4)}}))
	wantSame(t, must(store.Latest(t.Context(), 0))(t), []monitor.Result{passed(shop, 5)})
}
