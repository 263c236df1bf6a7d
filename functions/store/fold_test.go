package store_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// cellsOf sums up results straight, without any fold.
func cellsOf(tier monitor.Tier, all []monitor.Result) []monitor.Cell {
	cells, sketches := map[monitor.Instant]*monitor.Cell{}, map[monitor.Instant]*sketch.Sketch{}
	for i := range all {
		r := &all[i]
		start := r.Due.Floor(tier.Cell())
		if r.Kind != monitor.Scheduled {
			continue
		}
		if cells[start] == nil {
			cells[start], sketches[start] = &monitor.Cell{Start: start}, sketch.New()
		}
		cells[start].Count(r)
		if r.Outcome.Good() {
			sketches[start].Add(r.Micros)
		}
	}
	var out []monitor.Cell
	for start, cell := range cells {
		if cell.Good() > 0 {
			cell.Sketch = sketches[start].Bytes()
		}
		out = append(out, *cell)
	}
	slices.SortFunc(out, func(a, b monitor.Cell) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// check holds what is stored to the results that were sent.
func (b *bench) check(sent []monitor.Result) string {
	b.Helper()
	want := monitor.Merge(nil, sent)
	diff := gocmp.Diff(want, b.folded(), cmpopts.EquateEmpty())
	for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
		diff += gocmp.Diff(cellsOf(tier, want), b.cells(tier), cmpopts.EquateEmpty())
	}
	latest, err := b.records.Latest(b.Context(), 0)
	if err != nil {
		b.Fatalf("load the latest: %v", err)
	}
	if len(want) > 0 {
		diff += gocmp.Diff(want[len(want)-1:], latest)
	}
	return diff
}

func TestFold(t *testing.T) {
	t.Parallel()
	onEach(t, testFold)
}

func testFold(t *testing.T, place place) {
	t.Run("gives the same in whatever batches, in whatever order, however often results come", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			b := newBenchAt(t, place)
			b.advance(at(5 * 24 * 3600))
			var sent []monitor.Result
			for range rapid.IntRange(1, 8).Draw(r, "events") {
				letters := rapid.StringMatching(`[pdfum]{1,90}`).Draw(r, "letters")
				begin := rapid.SampledFrom([]int{0, 30, 570, 3590, 40_000, 43_190, 4 * 86_400}).Draw(r, "begin")
				batch := rows(letters, begin+rapid.IntRange(0, 20).Draw(r, "offset"))
				sent = append(sent, batch...)
				b.arrive(batch...)
				if rapid.Bool().Draw(r, "fold") {
					b.fold()
				}
				if rapid.IntRange(0, 3).Draw(r, "again") == 0 {
					b.arrive(batch...)
				}
			}
			b.fold()
			if diff := b.check(sent); diff != "" {
				r.Fatalf("want -, got +:\n%s", diff)
			}
		})
	})
	t.Run("of many events takes several steps", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		var sent []monitor.Result
		for second := range 450 {
			batch := rows("p", second)
			sent = append(sent, batch...)
			b.arrive(batch...)
		}
		b.fold()
		if diff := b.check(sent); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("puts late results where they belong", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		late, now := rows("ffff", 10), rows(strings.Repeat("p", 30), 7200)
		b.arrive(rows("pppp", 6)...)
		b.fold()
		b.arrive(now...)
		b.fold()
		b.arrive(late...)
		b.fold()
		if diff := b.check(append(append(rows("pppp", 6), now...), late...)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("does not shrink a cell whose results are gone", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		old := monitor.Pack{Tier: monitor.Minutes, Endpoint: "shop/cart", Location: "local", Start: noon, Cells: []monitor.Cell{{Start: noon, Passed: 60, Micros: 60, Min: 1, Max: 1}}}
		hour := old
		hour.Tier, hour.Start = monitor.Hours, noon.Floor(24*time.Hour)
		hour.Cells = []monitor.Cell{{Start: noon, Passed: 3600, Micros: 3600, Min: 1, Max: 1}}
		if err := b.records.CommitFold(t.Context(), storage.Fold{Packs: []monitor.Pack{old, hour}}); err != nil {
			t.Fatal(err)
		}
		b.arrive(rows("f", 5)...)
		b.fold()
		for tier, want := range map[monitor.Tier]int{monitor.Minutes: 60, monitor.Hours: 3600} {
			if cells := b.cells(tier); len(cells) != 1 || cells[0].Passed != want {
				t.Errorf("%s: got %+v, want one cell with %d passed", tier, cells, want)
			}
		}
	})
}

func TestDrop(t *testing.T) {
	t.Parallel()
	onEach(t, testDrop)
}

func testDrop(t *testing.T, place place) {
	b := newBenchAt(t, place)
	for second := range 10 {
		b.arrive(rows("p", second)...)
	}
	t.Run("keeps rows that alert may not have decided on", func(t *testing.T) {
		b.fold()
		if got := len(b.tail()); got != 10 {
			t.Errorf("got %d rows in the tail, want 10", got)
		}
		b.decided(at(4))
		b.fold()
		if tail := b.tail(); len(tail) != 6 || tail[0].Arrived != at(4) {
			t.Errorf("got %d rows in the tail, want the 6 that arrived at the mark or after it", len(tail))
		}
	})
	t.Run("keeps rows that are not folded", func(t *testing.T) {
		b.decided(at(1000))
		b.store = b.start(stuck{b.records}, 1)
		b.arrive(rows("p", 20)...)
		if err := b.store.Fold(t.Context(), 0); err == nil {
			t.Fatal("got no error, want one")
		}
		if got := len(b.tail()); got != 7 {
			t.Errorf("got %d rows in the tail, want 7", got)
		}
	})
	t.Run("empties the tail in the end", func(t *testing.T) {
		b.store = b.start(b.records, 1)
		b.fold()
		if got := len(b.tail()); got != 0 {
			t.Errorf("got %d rows in the tail, want none", got)
		}
		if got := len(b.folded()); got != 11 {
			t.Errorf("got %d results, want 11", got)
		}
	})
}

// stuck is a store that cannot load windows.
type stuck struct{ storage.Store }

func (stuck) Windows(context.Context, []monitor.WindowKey) ([]monitor.Window, error) {
	return nil, monitor.Errorf(monitor.Unavailable, "the disk is slow")
}

// flaky is a store whose commits fail as told, before they are done or after.
type flaky struct {
	storage.Store
	fail func() (before, after bool)
}

func (f flaky) CommitFold(ctx context.Context, fold storage.Fold) error {
	before, after := f.fail()
	if before {
		return monitor.Errorf(monitor.Unavailable, "the process ends here")
	}
	err := f.Store.CommitFold(ctx, fold)
	if after {
		return monitor.Errorf(monitor.Unavailable, "the process ends here")
	}
	return err
}

func TestFoldAgain(t *testing.T) {
	t.Parallel()
	onEach(t, testFoldAgain)
}

func testFoldAgain(t *testing.T, place place) {
	t.Run("after a crash before or after the commit loses nothing and counts nothing twice", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			b := newBenchAt(t, place)
			b.store = b.start(flaky{b.records, func() (bool, bool) {
				return rapid.Bool().Draw(r, "before"), rapid.Bool().Draw(r, "after")
			}}, 1)
			var sent []monitor.Result
			for n := range rapid.IntRange(1, 6).Draw(r, "events") {
				batch := rows("pdfum", 20*n)
				sent = append(sent, batch...)
				b.arrive(batch...)
				b.decided(at(20*n - 10))
				_ = b.store.Fold(t.Context(), 0)
			}
			b.store = b.start(b.records, 1)
			b.fold()
			if diff := b.check(sent); diff != "" {
				r.Fatalf("want -, got +:\n%s", diff)
			}
		})
	})
	t.Run("by two processes at once counts nothing twice", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		var sent []monitor.Result
		for round := range 10 {
			for n := range 5 {
				batch := rows("pdf", 60*round+5*n)
				sent = append(sent, batch...)
				b.arrive(batch...)
			}
			var group sync.WaitGroup
			for range 2 {
				process := b.start(b.records, 1)
				group.Go(func() {
					for process.Fold(t.Context(), 0) != nil {
						continue
					}
				})
			}
			group.Wait()
		}
		if diff := b.check(sent); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("writes nothing that is stored already", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		b.arrive(rows("pdppfpd", 0)...)
		b.fold()
		b.arrive(rows("pdppfpd", 0)...)
		written := storage.FoldPart{}
		b.store = b.start(watched{b.records, func(part storage.FoldPart) { written = part }}, 1)
		b.fold()
		if len(written.Windows)+len(written.Packs) > 0 {
			t.Errorf("got %d windows and %d packs written, want none", len(written.Windows), len(written.Packs))
		}
	})
	t.Run("writes the same bytes", func(t *testing.T) {
		t.Parallel()
		b := newBenchAt(t, place)
		b.arrive(rows("pdppfpd", 0)...)
		b.fold()
		before := b.cells(monitor.Days)
		b.arrive(rows("pdppfpd", 0)...)
		b.fold()
		if after := b.cells(monitor.Days); !bytes.Equal(before[0].Sketch, after[0].Sketch) {
			t.Errorf("got %x, want %x", after[0].Sketch, before[0].Sketch)
		}
	})
}

// watched is a store that tells which parts it is given.
type watched struct {
	storage.Store
	part func(storage.FoldPart)
}

func (w watched) CommitFold(ctx context.Context, fold storage.Fold) error {
	parts := fold.Parts
	fold.Parts = func(yield func(storage.FoldPart, error) bool) {
		for part, err := range parts {
			w.part(part)
			if !yield(part, err) {
				return
			}
		}
	}
	return w.Store.CommitFold(ctx, fold)
}

// few is a store that holds its reader to windows of few endpoints at once.
type few struct {
	storage.Store
	asked func(windows int)
}

func (f few) Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error) {
	f.asked(len(keys))
	return f.Store.Windows(ctx, keys)
}

func TestFoldTakesFewWindowsAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, testFewWindows)
}

func testFewWindows(t *testing.T, place place) {
	b := newBenchAt(t, place)
	most, asked := 0, 0
	b.store = b.start(few{b.records, func(windows int) { most, asked = max(most, windows), asked+windows }}, 1)
	const endpoints = 50 // more than are folded at once
	var sent []monitor.Result
	for i := range endpoints {
		all := rows("pf", i)
		for j := range all {
			all[j].Endpoint = "shop/" + strconv.Itoa(i)
		}
		sent = append(sent, all...)
	}
	sent = append(sent, rows("pp", 0)...)
	b.arrive(sent...)
	b.fold()
	if most > store.FoldSeries || asked != endpoints+1 {
		t.Errorf("got %d windows at once, of %d, want %d at most, of %d", most, asked, store.FoldSeries, endpoints+1)
	}
	latest, err := b.records.Latest(t.Context(), 0)
	if err != nil || len(latest) != endpoints+1 || len(b.folded()) != 2 {
		t.Errorf("got %d latest results, %d of one endpoint and %v, want %d and 2", len(latest), len(b.folded()), err, endpoints+1)
	}
}

// endpoints is how many of 10,000 endpoints one shard has.
const endpoints = 156

// arriveMinute hands over what one shard of 10,000 endpoints at 1 s gets in a
// minute, and has alert decide on what came before.
func (b *bench) arriveMinute(minute int) {
	b.Helper()
	for second := 0; second < 60; second += 2 {
		var batch []monitor.Result
		for e := range endpoints {
			for _, r := range rows("pp", 60*minute+second) {
				r.Endpoint = "shop/endpoint-" + string(rune('a'+e%26)) + string(rune('a'+e/26))
				r.Micros = int64(1000 + (e*7919+second*104729)%9000)
				batch = append(batch, r)
			}
		}
		b.arrive(batch...)
	}
	b.decided(at(60 * minute))
}

func BenchmarkFold(b *testing.B) {
	for name, at := range places {
		b.Run(name, func(b *testing.B) {
			bench := newBenchAt(b, at)
			minute := 0
			for b.Loop() {
				b.StopTimer()
				bench.arriveMinute(minute)
				b.StartTimer()
				bench.fold()
				minute++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(60*endpoints), "ns/row")
		})
	}
}
