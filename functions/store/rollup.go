package store

import (
	"cmp"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
)

// rollUp returns the packs with the touched cells made anew: minutes from the
// windows' rows, hours from the minutes, days from the hours.
func (f *folding) rollUp(windows []monitor.Window, packs []monitor.Pack) []monitor.Pack {
	rolled := slices.Clone(packs)
	byKey := make(map[monitor.PackKey]*monitor.Pack, len(rolled))
	for i := range rolled {
		p := &rolled[i]
		p.Cells = slices.Clone(p.Cells)
		byKey[monitor.PackKey{Tier: p.Tier, Endpoint: p.Endpoint, Location: p.Location, Start: p.Start}] = p
	}
	for i := range windows {
		w := &windows[i]
		for start := w.Start; start < w.Start.Add(monitor.WindowSpan); start = start.Add(monitor.Minutes.Cell()) {
			minute := cellKey{monitor.Minutes, series{w.Endpoint, w.Location}, start}
			if f.minutes[minute] {
				put(byKey[minute.pack()], minuteCell(w.Rows, start))
			}
		}
	}
	for _, hour := range f.cells(monitor.Hours) {
		minutes := cellKey{monitor.Minutes, hour.of, hour.start}.pack()
		put(byKey[hour.pack()], sum(hour, byKey[minutes]))
	}
	for _, day := range f.cells(monitor.Days) {
		hours := cellKey{monitor.Hours, day.of, day.start}.pack()
		put(byKey[day.pack()], sum(day, byKey[hours]))
	}
	return rolled
}

// minuteCell sums up the rows that were due in the minute from start on.
func minuteCell(rows []monitor.Result, start monitor.Instant) monitor.Cell {
	cell, latencies := monitor.Cell{Start: start}, sketch.New()
	byDue := func(r monitor.Result, at monitor.Instant) int { return cmp.Compare(r.Due, at) }
	first, _ := slices.BinarySearchFunc(rows, start, byDue)
	behind, _ := slices.BinarySearchFunc(rows, start.Add(monitor.Minutes.Cell()), byDue)
	for i := range rows[first:behind] {
		r := &rows[first+i]
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
// left out: the counts stand without it.
func sum(key cellKey, finer *monitor.Pack) monitor.Cell {
	cell, latencies := monitor.Cell{Start: key.start}, sketch.New()
	for i := range finer.Cells {
		cell.Add(&finer.Cells[i])
		if part, err := sketch.Parse(finer.Cells[i].Sketch); err == nil {
			latencies.Merge(part)
		}
	}
	if cell.Good() > 0 {
		cell.Sketch = latencies.Bytes()
	}
	return cell
}

// put enters a cell into its pack in place of the one that was there. Cells
// never shrink: one that sums up fewer results than before was made from rows
// of which some have been removed for their age, and is dropped.
func put(pack *monitor.Pack, cell monitor.Cell) {
	at, found := slices.BinarySearchFunc(pack.Cells, cell.Start, func(c monitor.Cell, start monitor.Instant) int {
		return cmp.Compare(c.Start, start)
	})
	switch {
	case !found && cell.Total() > 0:
		pack.Cells = slices.Insert(pack.Cells, at, cell)
	case found && cell.Total() >= pack.Cells[at].Total():
		pack.Cells[at] = cell
	}
}
