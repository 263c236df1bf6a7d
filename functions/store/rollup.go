package store

import (
	"bytes"
	"cmp"
	"maps"
	"runtime"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
)

// cellKey names a cell of a rollup.
type cellKey struct {
	tier  monitor.Tier
	of    series
	start monitor.Instant
}

func cellOf(tier monitor.Tier, w monitor.WindowKey) cellKey {
	return cellKey{tier, series{w.Endpoint, w.Location}, w.Start.Floor(tier.Cell())}
}

// pack returns the key of the pack that holds the cell.
func (c cellKey) pack() monitor.PackKey {
	return monitor.PackKey{Tier: c.tier, Endpoint: c.of.endpoint, Location: c.of.location, Start: c.tier.PackStart(c.start)}
}

// cells returns the cells of a tier above the minutes that are touched.
func (f *folding) cells(tier monitor.Tier) map[cellKey]bool {
	cells := map[cellKey]bool{}
	for key, n := range f.news {
		if n.minutes != 0 {
			cells[cellOf(tier, key)] = true
		}
	}
	return cells
}

// packKeys returns the packs that are touched, in order.
func (f *folding) packKeys() []monitor.PackKey {
	keys := map[monitor.PackKey]bool{}
	for hour := range f.cells(monitor.Hours) {
		keys[cellKey{monitor.Minutes, hour.of, hour.start}.pack()] = true
		keys[hour.pack()] = true
		keys[cellKey{monitor.Days, hour.of, hour.start}.pack()] = true
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b monitor.PackKey) int {
		return cmp.Or(cmp.Compare(a.Tier.Cell(), b.Tier.Cell()), cmp.Compare(a.Start, b.Start),
			cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location))
	})
}

// rolled is a pack with cells made anew.
type rolled struct {
	monitor.Pack
	changed bool
}

// rollUp returns the packs that change with the touched cells made anew: minutes
// from the windows' rows, hours from the minutes, days from the hours.
func (f *folding) rollUp(windows []monitor.Window, packs []monitor.Pack) []monitor.Pack {
	byKey := make(map[monitor.PackKey]*rolled, len(packs))
	for _, p := range packs {
		byKey[monitor.PackKey{Tier: p.Tier, Endpoint: p.Endpoint, Location: p.Location, Start: p.Start}] = &rolled{Pack: p}
	}
	latencies := sketch.New()
	for i := range windows {
		runtime.Gosched()
		w := &windows[i]
		touched := f.news[keyOf(w)].minutes
		pack := byKey[cellOf(monitor.Minutes, keyOf(w)).pack()]
		for start := w.Start; touched != 0; touched, start = touched>>1, start.Add(monitor.Minutes.Cell()) {
			if touched&1 != 0 {
				pack.put(minuteCell(w.Rows, start, latencies))
			}
		}
	}
	for hour := range f.cells(monitor.Hours) {
		runtime.Gosched()
		minutes := cellKey{monitor.Minutes, hour.of, hour.start}.pack()
		byKey[hour.pack()].put(sum(hour, &byKey[minutes].Pack, latencies))
	}
	for day := range f.cells(monitor.Days) {
		hours := cellKey{monitor.Hours, day.of, day.start}.pack()
		byKey[day.pack()].put(sum(day, &byKey[hours].Pack, latencies))
	}
	changed := make([]monitor.Pack, 0, len(packs))
	for _, p := range packs {
		key := monitor.PackKey{Tier: p.Tier, Endpoint: p.Endpoint, Location: p.Location, Start: p.Start}
		if pack := byKey[key]; pack.changed {
			changed = append(changed, pack.Pack)
		}
	}
	return changed
}

// minuteCell sums up the rows that were due in the minute from start on. The
// sketch is lent.
func minuteCell(rows []monitor.Result, start monitor.Instant, latencies *sketch.Sketch) monitor.Cell {
	cell := monitor.Cell{Start: start}
	latencies.Reset()
	end := start.Add(monitor.Minutes.Cell())
	for i := len(rows) - 1; i >= 0 && rows[i].Due >= start; i-- {
		r := &rows[i]
		if r.Due >= end {
			continue
		}
		cell.Count(r)
		if r.Kind == monitor.Scheduled && r.Outcome.Good() {
			latencies.Add(r.Micros)
		}
	}
	if cell.Good() > 0 {
		cell.Sketch = latencies.Bytes()
	}
	return cell
}

// sum sums up a pack of the next finer cells. A sketch that cannot be read is
// left out: the counts stand without it. The sketch is lent.
func sum(key cellKey, finer *monitor.Pack, latencies *sketch.Sketch) monitor.Cell {
	cell := monitor.Cell{Start: key.start}
	latencies.Reset()
	for i := range finer.Cells {
		cell.Add(&finer.Cells[i])
		if finer.Cells[i].Good() == 0 {
			continue
		}
		_ = latencies.MergeBytes(finer.Cells[i].Sketch)
	}
	if cell.Good() > 0 {
		cell.Sketch = latencies.Bytes()
	}
	return cell
}

// put enters a cell into the pack in place of the one that was there. Cells
// never shrink: one that sums up fewer results than before was made from rows
// of which some have been removed for their age, and is dropped.
func (p *rolled) put(cell monitor.Cell) {
	at, found := slices.BinarySearchFunc(p.Cells, cell.Start, func(c monitor.Cell, start monitor.Instant) int {
		return cmp.Compare(c.Start, start)
	})
	switch {
	case !found && cell.Total() > 0:
		p.Cells, p.changed = slices.Insert(p.Cells, at, cell), true
	case found && cell.Total() >= p.Cells[at].Total() && !same(&cell, &p.Cells[at]):
		p.Cells[at], p.changed = cell, true
	}
}

func same(a, b *monitor.Cell) bool {
	return a.Passed == b.Passed && a.Degraded == b.Degraded && a.Failed == b.Failed && a.Unknown == b.Unknown &&
		a.Spared == b.Spared && a.Late == b.Late && a.Micros == b.Micros && a.Min == b.Min && a.Max == b.Max &&
		bytes.Equal(a.Sketch, b.Sketch)
}
