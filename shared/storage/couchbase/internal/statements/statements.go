// Package statements holds every SQL++ statement that the monitor sends to
// Couchbase. A statement is a constant text with named parameters: no value is
// ever spliced into one.
package statements

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Statement is one SQL++ statement. It is sent in the context of the scope
// monitor of a bucket, so that its text names collections only.
type Statement struct {
	Name     string
	Text     string
	Params   []string // the names of its parameters, without $, each of which must be given
	Index    string   // the index that serves it; empty: it needs none
	ReadOnly bool
	Prepared bool // fixed and frequent: its plan is kept by the server
	Timeout  time.Duration
}

// All returns every statement but those that make indexes, by name.
func All() []Statement {
	return slices.SortedFunc(maps.Values(incidents()), func(a, b Statement) int { return cmp.Compare(a.Name, b.Name) })
}
