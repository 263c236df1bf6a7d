package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// folding is the pure part of a fold: what a stretch of the tail makes of
// windows and rollups.
type folding struct {
	rows    map[monitor.WindowKey][]monitor.Result // new ones, as they came
	minutes map[cellKey]bool                       // whose cells the new rows touch
}

// cellKey names a cell of a rollup.
type cellKey struct {
	tier  monitor.Tier
	of    series
	start monitor.Instant
}

type series struct{ endpoint, location string }

func newFolding(tail []storage.TailRow) *folding {
	f := &folding{rows: map[monitor.WindowKey][]monitor.Result{}, minutes: map[cellKey]bool{}}
	for i := range tail {
		var results events.ProbeResults
		if events.DecodeResults(tail[i].Data, &results) != nil {
			continue // nothing but what decodes is ever appended
		}
		for i := range results.Rows {
			f.add(&results.Rows[i])
		}
	}
	return f
}

func (f *folding) add(r *monitor.Result) {
	key := monitor.WindowOf(r)
	f.rows[key] = append(f.rows[key], *r)
	if r.Kind == monitor.Scheduled {
		f.minutes[cellOf(monitor.Minutes, series{r.Endpoint, r.Location}, r.Due)] = true
	}
}

// windowKeys returns the windows that are touched, in order.
func (f *folding) windowKeys() []monitor.WindowKey {
	return slices.SortedFunc(maps.Keys(f.rows), func(a, b monitor.WindowKey) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location))
	})
}

// packKeys returns the packs that are touched, in order: the minutes' cells and
// those above them.
func (f *folding) packKeys() []monitor.PackKey {
	keys := map[monitor.PackKey]bool{}
	for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
		for _, cell := range f.cells(tier) {
			keys[cell.pack()] = true
		}
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b monitor.PackKey) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location),
			cmp.Compare(a.Tier.Cell(), b.Tier.Cell()), cmp.Compare(a.Start, b.Start))
	})
}

// cells returns the cells of a tier that are touched.
func (f *folding) cells(tier monitor.Tier) []cellKey {
	cells := map[cellKey]bool{}
	for minute := range f.minutes {
		cells[cellOf(tier, minute.of, minute.start)] = true
	}
	return slices.Collect(maps.Keys(cells))
}

// merge returns the windows with the new rows in them. All are to be written,
// even one that does not change: its revision guards the rollups made from it.
func (f *folding) merge(windows []monitor.Window) []monitor.Window {
	merged := slices.Clone(windows)
	for i := range merged {
		w := &merged[i]
		w.Rows = monitor.Merge(w.Rows, f.rows[monitor.WindowKey{Endpoint: w.Endpoint, Location: w.Location, Start: w.Start}])
	}
	return merged
}

// latest returns the newest of the new rows per endpoint and location, where it
// is newer than what is known.
func (f *folding) latest(known []monitor.Result) []monitor.Result {
	newest := map[series]monitor.Result{}
	for _, rows := range f.rows {
		for _, r := range rows {
			if of := (series{r.Endpoint, r.Location}); r.Due > newest[of].Due {
				newest[of] = r
			}
		}
	}
	for _, r := range known {
		if of := (series{r.Endpoint, r.Location}); r.Due >= newest[of].Due {
			delete(newest, of)
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b monitor.Result) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location))
	})
}

func cellOf(tier monitor.Tier, of series, at monitor.Instant) cellKey {
	return cellKey{tier, of, at.Floor(tier.Cell())}
}

func (c cellKey) pack() monitor.PackKey {
	return monitor.PackKey{Tier: c.tier, Endpoint: c.of.endpoint, Location: c.of.location, Start: c.tier.PackStart(c.start)}
}
