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
	all := make([]Result, 0, len(rows)+len(more))
	all = append(append(all, rows...), more...)
	slices.SortStableFunc(all, func(a, b Result) int { return cmp.Compare(a.Due, b.Due) })
	return slices.CompactFunc(all, func(a, b Result) bool { return a.Due == b.Due })
}
