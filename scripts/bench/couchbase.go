package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
)

// CouchbaseReport is what was found on the stand-in for a Couchbase node: what it
// costs its client, for it is no cluster.
type CouchbaseReport struct {
	Stored  []StoredCost   `json:"stored"`
	Sparse  SparseCost     `json:"sparse"`
	Charts  []ChartCost    `json:"charts"`
	Loads   []LoadResult   `json:"loads"` // of the whole monitor: on SQLite, and then on the node
	Asked   Asked          `json:"asked"` // of the node meanwhile
	Outages []OutageResult `json:"outages"`
}

// StoredCost is what it takes to keep a result: process CPU time of the client,
// user and system, of a result, one for each minute of a window, in order.
type StoredCost struct {
	Endpoints int             `json:"endpoints"`
	Ours      []time.Duration `json:"ours_ns"` // the function store: tail, windows, rollups, latest
	Bulk      []time.Duration `json:"bulk_ns"` // one document a result, many to a call
	Each      []time.Duration `json:"each_ns"` // so too, one to a call of one of many goroutines
	Ratio     float64         `json:"ratio"`   // of the cheaper of both to ours
}

// SparseCost is what it takes to keep a result of an endpoint that is checked each
// minute: process CPU time of the client, of a result, one for each five minutes of
// a window, in order.
type SparseCost struct {
	Endpoints int             `json:"endpoints"`
	Often     []time.Duration `json:"often_ns"`  // folded each minute
	Seldom    []time.Duration `json:"seldom_ns"` // folded every five minutes, as is usual
	Ratio     float64         `json:"ratio"`     // of both
}

// ChartCost is what it takes to read what the chart of one endpoint's day is drawn
// from: process CPU time of the client, and time.
type ChartCost struct {
	What     string          `json:"what"`
	Results  int             `json:"results"` // of the day
	Ours     []time.Duration `json:"ours_cpu_ns"`
	Took     []time.Duration `json:"ours_took_ns"`
	Bulk     []time.Duration `json:"bulk_cpu_ns"` // one document a result, not decoded
	BulkTook []time.Duration `json:"bulk_took_ns"`
	Ratio    float64         `json:"ratio"`
}

// Asked is what the whole monitor asked the node for.
type Asked struct {
	Span   time.Duration `json:"span_ns"`
	CPU    time.Duration `json:"node_cpu_ns"`
	Counts []node.Count  `json:"counts"`
}

// couchbasePlan says what is measured on the node.
type couchbasePlan struct {
	endpoints int // whose results are kept
	minutes   int
	documents int   // a minute, one a result
	seconds   []int // between two results of a day's chart
	charts    int   // of each kind, a round
	rounds    int
	load      Load // of the whole monitor; without endpoints: none
	outages   int  // of each kind; 0: none
}

// startNode starts a node as a process of its own, with nothing in it yet.
func startNode(ctx context.Context) (*node.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return node.Start(ctx, self, nodeCommand)
}

// runCouchbase measures what is planned, if anything is.
func (b *bench) runCouchbase(ctx context.Context, plan couchbasePlan) (report CouchbaseReport, err error) {
	if plan.rounds == 0 {
		return report, nil
	}
	if err := plan.costs(ctx, &report); err != nil {
		return report, err
	}
	if plan.load.Endpoints == 0 {
		return report, nil
	}
	if err := b.runBeside(ctx, plan.load, &report); err != nil {
		return report, err
	}
	report.Outages, err = b.outagesOnNode(ctx, plan)
	return report, err
}

// costs measures the clients on one node.
func (p couchbasePlan) costs(ctx context.Context, report *CouchbaseReport) (err error) {
	n, err := startNode(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.End()) }()
	stored, err := p.stored(ctx, n.Settings)
	if err != nil {
		return err
	}
	report.Stored = append(report.Stored, stored)
	if report.Sparse, err = p.sparse(ctx, n.Settings); err != nil {
		return err
	}
	for _, seconds := range p.seconds {
		for _, name := range []string{chartOurs, chartCells} {
			chart, err := p.chart(ctx, n.Settings, name, seconds)
			if err != nil {
				return err
			}
			report.Charts = append(report.Charts, chart)
		}
	}
	return nil
}

// clients starts clients of one size each, and waits until they are ready.
func clients(ctx context.Context, settings []string, names []string, sizes ...int) ([]*running, func(), error) {
	var all []*running
	end := func() {
		for _, one := range all {
			one.end()
		}
	}
	for i, name := range names {
		one, err := startRunning(ctx, name, settings, clientCommand, name, fmt.Sprint(sizes[i]))
		if err != nil {
			end()
			return nil, nil, err
		}
		all = append(all, one)
		if !one.says.Scan() {
			end()
			return nil, nil, fmt.Errorf("%s: the process ended", name)
		}
	}
	return all, end, nil
}

// stored measures in turns, so that all see the same machine.
func (p couchbasePlan) stored(ctx context.Context, settings []string) (StoredCost, error) {
	out := StoredCost{Endpoints: p.endpoints}
	all, end, err := clients(ctx, settings, []string{keepOurs, keepBulk, keepEach}, p.endpoints, p.documents, p.documents)
	if err != nil {
		return out, err
	}
	defer end()
	into := []*[]time.Duration{&out.Ours, &out.Bulk, &out.Each}
	results := []int{p.endpoints * int(time.Minute/time.Second), p.documents, p.documents}
	for minute := range p.minutes {
		for i, one := range all {
			took, err := one.order(minute)
			if err != nil {
				return out, fmt.Errorf("%s: %w", one.name, err)
			}
			*into[i] = append(*into[i], took.cpu/time.Duration(results[i]))
		}
	}
	out.Ratio = float64(min(mean(out.Bulk), mean(out.Each))) / float64(mean(out.Ours))
	return out, nil
}

// sparse measures in turns, five minutes of each.
func (p couchbasePlan) sparse(ctx context.Context, settings []string) (SparseCost, error) {
	out := SparseCost{Endpoints: p.endpoints}
	all, end, err := clients(ctx, settings, []string{keepOften, keepSeldom}, p.endpoints, p.endpoints)
	if err != nil {
		return out, err
	}
	defer end()
	into := []*[]time.Duration{&out.Often, &out.Seldom}
	for from := 0; from < max(p.minutes, seldom); from += seldom {
		for i, one := range all {
			var cpu time.Duration
			for minute := from; minute < from+seldom; minute++ {
				took, err := one.order(minute)
				if err != nil {
					return out, fmt.Errorf("%s: %w", one.name, err)
				}
				cpu += took.cpu
			}
			*into[i] = append(*into[i], cpu/time.Duration(seldom*p.endpoints))
		}
	}
	out.Ratio = float64(mean(out.Often)) / float64(mean(out.Seldom))
	return out, nil
}

// chart measures one kind of chart in turns with its documents.
func (p couchbasePlan) chart(ctx context.Context, settings []string, name string, seconds int) (ChartCost, error) {
	out := ChartCost{What: name, Results: int(aDay.Seconds()) / seconds}
	all, end, err := clients(ctx, settings, []string{name, chartBulk}, seconds, seconds)
	if err != nil {
		return out, err
	}
	defer end()
	cpu, whole := []*[]time.Duration{&out.Ours, &out.Bulk}, []*[]time.Duration{&out.Took, &out.BulkTook}
	for round := range p.rounds + 1 {
		for i, one := range all {
			took, err := one.order(p.charts)
			if err != nil {
				return out, fmt.Errorf("%s: %w", one.name, err)
			}
			if round > 0 { // the first one only warms up
				*cpu[i] = append(*cpu[i], took.cpu/time.Duration(p.charts))
				*whole[i] = append(*whole[i], took.whole/time.Duration(p.charts))
			}
		}
	}
	out.Ratio = float64(median(out.Bulk)) / float64(median(out.Ours))
	return out, nil
}

func mean(all []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, one := range all {
		sum += one
	}
	return sum / time.Duration(max(len(all), 1))
}
