package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
)

func (r CouchbaseReport) print(to io.Writer) {
	if len(r.Stored) > 0 {
		w := newTable(to, "Couchbase: endpoints at 1 s", "minutes", "client CPU a result: ours", "in the first minute", "in the last",
			"one document a result, 500 a call", "from 256 goroutines", "ratio")
		for _, s := range r.Stored {
			w.row(s.Endpoints, len(s.Ours), exact(mean(s.Ours)), exact(s.Ours[0]), exact(s.Ours[len(s.Ours)-1]),
				exact(mean(s.Bulk)), exact(mean(s.Each)), fmt.Sprintf("%.1f", s.Ratio))
		}
		w.end()
	}
	if s := r.Sparse; len(s.Often) > 0 {
		w := newTable(to, "Couchbase: endpoints at 1 min", "client CPU a result: folded each minute", "every 5 minutes", "ratio")
		w.row(s.Endpoints, exact(mean(s.Often)), exact(mean(s.Seldom)), fmt.Sprintf("%.1f", s.Ratio))
		w.end()
	}
	if len(r.Charts) > 0 {
		w := newTable(to, "Couchbase: one endpoint's day", "results", "client CPU a chart: ours", "time", "one document a result, 500 a call", "time", "ratio of CPU")
		for _, c := range r.Charts {
			what := "each result"
			if c.What == chartCells {
				what = "minutes"
			}
			w.row(what, c.Results, millis(median(c.Ours)), millis(median(c.Took)), millis(median(c.Bulk)), millis(median(c.BulkTook)), fmt.Sprintf("%.1f", c.Ratio))
		}
		w.end()
	}
	if len(r.Loads) > 0 {
		_, _ = fmt.Fprintf(to, "The whole monitor on SQLite, and on Couchbase:\n\n")
		printLoads(to, r.Loads)
		r.Asked.print(to)
	}
	printOutages(to, r.Outages)
}

// print writes what was asked, most bytes first, and the sum.
func (a Asked) print(to io.Writer) {
	w := newTable(to, "Couchbase: asked", "of", "with a majority", "operations/s", "to the node, KB/s", "from it, KB/s")
	sum := node.Count{Operation: "all"}
	for _, c := range slices.SortedFunc(slices.Values(a.Counts), func(a, b node.Count) int { return cmp.Compare(b.In+b.Out, a.In+a.Out) }) {
		w.asked(c, a.Span)
		sum.Requests, sum.In, sum.Out = sum.Requests+c.Requests, sum.In+c.In, sum.Out+c.Out
	}
	w.asked(sum, a.Span)
	w.end()
}

func (t table) asked(c node.Count, span time.Duration) {
	each := func(n int) float64 { return float64(n) / span.Seconds() }
	durable := ""
	if c.Durable {
		durable = "yes"
	}
	t.row(c.Operation, c.Collection, durable, fmt.Sprintf("%.1f", each(c.Requests)), fmt.Sprintf("%.1f", each(c.In)/1000), fmt.Sprintf("%.1f", each(c.Out)/1000))
}

// exact returns microseconds with two digits behind the point.
func exact(d time.Duration) string {
	return fmt.Sprintf("%.2f µs", float64(d)/float64(time.Microsecond))
}
