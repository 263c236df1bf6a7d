package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxFaults is how many faults are kept; a file with more is of another kind.
const maxFaults = 1000

// Fault is one thing that is wrong, and where. Lines and columns count from 1;
// line 0 stands for the whole file.
type Fault struct {
	File    string
	Line    int
	Column  int
	Message string
	Hint    string // what to do; may be empty
}

// String writes file:line:column: message (hint).
func (f Fault) String() string {
	text := f.File
	if f.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
	text += ": " + f.Message
	if f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}

// Faults is everything that is wrong, by file and place. It is an error with
// the code monitor.Invalid.
type Faults []Fault

// Error writes one fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns monitor.Invalid.
func (f Faults) Unwrap() error { return monitor.Invalid }

func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(f)
}
