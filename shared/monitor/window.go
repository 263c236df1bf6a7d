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
		before := rowsUpTo(rows, more[0].Due)
		all = append(all, rows[:before]...)
		rows = rows[before:]
		if before == 0 || all[len(all)-1].Due != more[0].Due {
			all = append(all, more[0])
		}
		more = more[1:]
	}
	return append(append(all, rows...), more...)
}

// rowsUpTo returns how many rows are due at the given time or before, counted
// from the end: new rows mostly come behind all others.
func rowsUpTo(rows []Result, due Instant) int {
	n := len(rows)
	for n > 0 && rows[n-1].Due > due {
		n--
	}
	return n
}

// ordered returns the rows oldest first, each check once, the first that came.
func ordered(rows []Result) []Result {
	for i := 1; i < len(rows); i++ {
		if rows[i].Due <= rows[i-1].Due {
			sorted := slices.Clone(rows)
			slices.SortStableFunc(sorted, func(a, b Result) int { return cmp.Compare(a.Due, b.Due) })
			return slices.CompactFunc(sorted, func(a, b Result) bool { return a.Due == b.Due })
		}
	}
	return rows
}
