package store

import (
	"cmp"
	"iter"
	"maps"
	"runtime"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// folding is the pure part of a fold: what a stretch of the tail makes of
// windows and rollups. It takes long, and lets others work in between: a check
// must not wait for it.
type folding struct{ news map[monitor.WindowKey]*news }

// news are the new rows of one window, as they came, and which of the window's
// minutes they touch.
type news struct {
	rows    []*monitor.Result
	minutes uint16 // a bit each, of scheduled rows
}

type series struct{ endpoint, location string }

func newFolding(tail []storage.TailRow) *folding {
	f := &folding{news: map[monitor.WindowKey]*news{}}
	for i := range tail {
		runtime.Gosched()
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
	n := f.news[key]
	if n == nil {
		n = &news{}
		f.news[key] = n
	}
	n.rows = append(n.rows, r)
	if r.Kind == monitor.Scheduled {
		n.minutes |= 1 << (r.Due.Sub(key.Start) / monitor.Minutes.Cell())
	}
}

// split returns the foldings of a few series each.
func (f *folding) split(count int) iter.Seq[*folding] {
	bySeries := map[series][]monitor.WindowKey{}
	for key := range f.news {
		of := series{key.Endpoint, key.Location}
		bySeries[of] = append(bySeries[of], key)
	}
	order := slices.SortedFunc(maps.Keys(bySeries), func(a, b series) int {
		return cmp.Or(cmp.Compare(a.endpoint, b.endpoint), cmp.Compare(a.location, b.location))
	})
	return func(yield func(*folding) bool) {
		for few := range slices.Chunk(order, count) {
			part := &folding{news: map[monitor.WindowKey]*news{}}
			for _, of := range few {
				for _, key := range bySeries[of] {
					part.news[key] = f.news[key]
				}
			}
			if !yield(part) {
				return
			}
		}
	}
}

// windowKeys returns the windows that are touched, in order.
func (f *folding) windowKeys() []monitor.WindowKey {
	return slices.SortedFunc(maps.Keys(f.news), func(a, b monitor.WindowKey) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Location, b.Location))
	})
}

// merge returns the windows with the new rows in them, and those of them that are
// to be written. A window that has all of the rows already is not.
func (f *folding) merge(windows []monitor.Window) (merged, changed []monitor.Window) {
	merged = slices.Clone(windows)
	var more []monitor.Result
	for i := range merged {
		runtime.Gosched()
		w := &merged[i]
		more = more[:0]
		for _, r := range f.news[keyOf(w)].rows {
			more = append(more, *r)
		}
		if w.Rows = monitor.Merge(w.Rows, more); len(w.Rows) > len(windows[i].Rows) {
			changed = append(changed, *w)
		}
	}
	return merged, changed
}

// latest returns the newest of the new rows per endpoint and location, where it
// is newer than what is known.
func (f *folding) latest(known []monitor.Result) []monitor.Result {
	newest := map[series]*monitor.Result{}
	for key, n := range f.news {
		of := series{key.Endpoint, key.Location}
		for _, r := range n.rows {
			if newest[of] == nil || r.Due > newest[of].Due {
				newest[of] = r
			}
		}
	}
	for i := range known {
		of := series{known[i].Endpoint, known[i].Location}
		if newest[of] != nil && known[i].Due >= newest[of].Due {
			delete(newest, of)
		}
	}
	rows := make([]monitor.Result, 0, len(newest))
	for _, r := range newest {
		rows = append(rows, *r)
	}
	return rows
}

func keyOf(w *monitor.Window) monitor.WindowKey {
	return monitor.WindowKey{Endpoint: w.Endpoint, Location: w.Location, Start: w.Start}
}
