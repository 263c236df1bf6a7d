package monitor

import (
	"cmp"
	"slices"
	"time"
)

// WindowSpan is how much time one window holds.
const WindowSpan = 10 * time.Minute

// Window holds the results of one endpoint and location whose due times lie in
// [Start, Start+WindowSpan), oldest first, each check once.
type Window struct {
	Endpoint string
	Location string
	Start    Instant
	Rows     []Result
	Revision int64 // as read; 0 where it is not stored yet
}

// WindowKey names a window.
type WindowKey struct {
	Endpoint string
	Location string
	Start    Instant
}

// WindowOf returns the key of the window that a result belongs to.
func WindowOf(r *Result) WindowKey {
	return WindowKey{r.Endpoint, r.Location, r.Due.Floor(WindowSpan)}
}

// Merge returns the union of rows and more, oldest first. Of results of the
// same check the first in order wins: rows before more, earlier before later.
// Both must be of one endpoint and location. Neither slice is changed.
func Merge(rows, more []Result) []Result {
	rows, more = ordered(rows), ordered(more)
	all := make([]Result, 0, len(rows)+len(more))
	for len(rows) > 0 && len(more) > 0 {
		from := &rows
		if more[0].Due < rows[0].Due {
			from = &more
		}
		all, *from = append(all, (*from)[0]), (*from)[1:]
	}
	all = append(append(all, rows...), more...)
	return slices.CompactFunc(all, func(a, b Result) bool { return a.Due == b.Due })
}

func ordered(rows []Result) []Result {
	byDue := func(a, b Result) int { return cmp.Compare(a.Due, b.Due) }
	if slices.IsSortedFunc(rows, byDue) {
		return rows
	}
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, byDue)
	return sorted
}
