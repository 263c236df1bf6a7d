package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// print writes the report for people, as tables of Markdown.
func (r Report) print(to io.Writer) {
	if len(r.Loads) > 0 {
		w := newTable(to, "endpoints", "interval", "CPU a check", "bare loop", "ratio", "on time", "late p50", "late p99",
			"bare loop on time", "memory an endpoint", "disk a result", "checks/s (wanted)")
		for _, l := range r.Loads {
			w.row(l.Endpoints, l.Interval, micros(l.Monitor.Middle), micros(l.Reference.Middle), fmt.Sprintf("%.2f", l.Ratio),
				fmt.Sprintf("%.4f", l.Monitor.OnTime), millis(l.Monitor.P50), millis(l.Monitor.P99), fmt.Sprintf("%.4f", l.Reference.OnTime),
				fmt.Sprintf("%.1f KiB", float64(l.Memory)/1024), fmt.Sprintf("%.1f B", l.Disk), fmt.Sprintf("%.0f (%.0f)", l.Checks, l.Wanted))
		}
		w.end()
	}
	if len(r.Outages) > 0 {
		w := newTable(to, "outage", "interval", "outages", "told: min", "p50", "p99", "max", "missed")
		for _, o := range r.Outages {
			w.row(o.Kind, o.Interval, len(o.Took)+o.Missed, millis(share(o.Took, 0)), millis(share(o.Took, .5)),
				millis(share(o.Took, .99)), millis(share(o.Took, 1)), o.Missed)
		}
		w.end()
	}
}

func micros(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// table is a Markdown table whose columns are aligned.
type table struct{ *tabwriter.Writer }

func newTable(to io.Writer, columns ...any) table {
	t := table{tabwriter.NewWriter(to, 0, 0, 1, ' ', 0)}
	t.row(columns...)
	lines := make([]any, len(columns))
	for i := range lines {
		lines[i] = "---"
	}
	t.row(lines...)
	return t
}

func (t table) row(cells ...any) {
	for _, cell := range cells {
		_, _ = fmt.Fprintf(t, "| %v\t", cell)
	}
	_, _ = fmt.Fprintln(t, "|")
}

func (t table) end() {
	_ = t.Flush()
	_, _ = fmt.Fprintln(t.Writer)
	_ = t.Flush()
}
