package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// print writes the report for people, as tables of Markdown.
func (r Report) print(to io.Writer) {
	_, _ = fmt.Fprintf(to, "%s, commit %s, %s, %d cores, Linux %s, %s\n\n",
		r.Date.Format(time.RFC3339), r.Commit, r.Machine.CPU, r.Machine.Cores, r.Machine.Kernel, r.Machine.Go)
	printLoads(to, r.Loads)
	if len(r.Crowds) > 0 {
		w := newTable(to, "endpoints", "hang", "interval", "timeout", "others on time", "late p50", "late p99", "bare loop on time", "overruns", "skipped")
		for _, c := range r.Crowds {
			w.row(c.Endpoints, c.Hanging, c.Interval, c.Timeout, beside(share4(c.Others.OnTime), c.Others.OnTime >= leastOnTime, "≥ 0.999"),
				millis(c.Others.P50), millis(c.Others.P99), share4(c.Reference.OnTime), c.Overruns, c.Skipped)
		}
		w.end()
	}
	printOutages(to, r.Outages)
	r.Kafka.print(to)
	r.Couchbase.print(to)
}

func printLoads(to io.Writer, loads []LoadResult) {
	if len(loads) == 0 {
		return
	}
	w := newTable(to, "endpoints", "interval", "CPU a check", "bare loop", "ratio", "on time", "late p50", "late p99",
		"bare loop on time, before and after", "memory an endpoint", "disk a result, folded", "database", "checks/s (wanted)")
	for _, l := range loads {
		w.load(l)
	}
	w.end()
}

func printOutages(to io.Writer, outages []OutageResult) {
	if len(outages) == 0 {
		return
	}
	w := newTable(to, "outage", "interval", "outages", "told: min", "p50", "p99", "max", "missed")
	for _, o := range outages {
		w.outage(o)
	}
	w.end()
}

// The budgets. Those of CPU, memory and checks on time are for 10,000 endpoints
// at one second, that of checks a second for 15,000 at 300 ms.
const (
	mostRatio   = 1.5
	leastOnTime = .999
	mostMemory  = 12 << 10 // of an endpoint
	mostDisk    = 30       // of a result
	leastChecks = 50_000   // a second
	bareLoop    = "15.6 µs where the budget was made"
	detour      = 20 * time.Millisecond // from seeing an outage to telling it
	mostKillP99 = 100 * time.Millisecond
)

func (t table) load(l LoadResult) {
	ratio, onTime, memory := fmt.Sprintf("%.2f", l.Ratio), share4(l.Monitor.OnTime), fmt.Sprintf("%.1f KiB", float64(l.Memory)/1024)
	checks, bare := fmt.Sprintf("%.0f (%.0f)", l.Checks, l.Wanted), micros(l.Reference)
	switch l.Load {
	case Load{10_000, time.Second}:
		ratio = beside(ratio, l.Ratio <= mostRatio, "≤ 1.5")
		onTime = beside(onTime, l.Monitor.OnTime >= leastOnTime, "≥ 0.999")
		memory = beside(memory, l.Memory <= mostMemory, "≤ 12 KiB")
		bare = beside(bare, true, bareLoop)
	case Load{15_000, 300 * time.Millisecond}:
		checks = beside(checks, l.Checks >= leastChecks, "≥ 50000")
	}
	age := l.Disk.Results / l.Endpoints
	database := fmt.Sprintf("%.1f MiB, %.1f used", mebibytes(l.Disk.File), mebibytes(l.Disk.Used))
	disk := fmt.Sprintf("%.1f B at %d an endpoint", l.Disk.Each, age)
	switch {
	case l.Disk.File == 0:
		disk, database = "–", "–"
	case age >= fullWindow:
		disk = beside(disk, l.Disk.Each <= mostDisk, "≤ 30 B")
	default:
		disk += fmt.Sprintf(" [≤ 30 B from %d on]", fullWindow)
	}
	t.row(l.Endpoints, l.Interval, micros(l.Monitor.Middle), bare, ratio, onTime, millis(l.Monitor.P50), millis(l.Monitor.P99),
		share4(l.Before.OnTime)+", "+share4(l.After.OnTime), memory, disk, database, checks)
}

func (t table) outage(o OutageResult) {
	middle, worst := share(o.Took, .5), share(o.Took, .99)
	p50, p99 := millis(middle), millis(worst)
	if limit := o.budget(); limit > 0 {
		p50 = beside(p50, middle <= limit, "≤ "+millis(limit))
	}
	if o.Kind == killed {
		p99 = beside(p99, worst <= mostKillP99, "≤ "+millis(mostKillP99))
	}
	t.row(o.Kind, o.Interval, len(o.Took)+o.Missed, millis(share(o.Took, 0)), p50, p99, millis(share(o.Took, 1)), o.Missed)
}

// budget is what half of the outages are to be told within.
func (o OutageResult) budget() time.Duration {
	switch o.Kind {
	case killed:
		return detour
	case hung:
		return o.Interval/2 + o.Timeout + detour
	default:
		return o.Interval/2 + detour
	}
}

// beside returns the figure with its budget.
func beside(figure string, held bool, budget string) string {
	if held {
		return figure + " [" + budget + "]"
	}
	return figure + " [missed: " + budget + "]"
}

func share4(of float64) string { return fmt.Sprintf("%.4f", of) }

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

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
