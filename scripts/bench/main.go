// Command bench measures what a check costs, how late checks come and how soon
// an outage is told: of the real monitor with everything on, and of a bare loop
// in the same run. It also measures what Kafka and Couchbase cost their clients.
// It prints tables and, if asked, JSON.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func main() { host.Main(program) }

func program(ctx context.Context) error {
	if len(os.Args) > 1 && os.Args[1] == partCommand {
		return servePart(os.Stdin, os.Stdout)
	}
	if len(os.Args) > 3 && os.Args[1] == wayCommand {
		return serveWay(ctx, os.Args[2], os.Args[3], os.Stdin, os.Stdout)
	}
	if len(os.Args) > 1 && os.Args[1] == nodeCommand {
		return node.Serve(os.Stdin, os.Stdout)
	}
	if len(os.Args) > 3 && os.Args[1] == clientCommand {
		return serveClient(ctx, os.Args[2], os.Args[3], os.Stdin, os.Stdout)
	}
	if len(os.Args) > 2 && os.Args[1] == referenceCommand {
		interval, err := time.ParseDuration(os.Args[2])
		if err != nil {
			return err
		}
		return reference(ctx, interval, os.Stdin)
	}
	b, out := bench{broker: realBroker}, ""
	only := flag.String("only", "", "a part of the run: loads, crowds, outages, kafka or couchbase; empty: all")
	flag.IntVar(&b.load.Endpoints, "endpoints", 0, "one load alone, of so many endpoints; 0: all of them")
	flag.DurationVar(&b.load.Interval, "interval", time.Second, "the interval of that load")
	flag.IntVar(&b.count, "windows", 0, "how often 15 s of the monitor are measured: the longer it runs, the less a result takes up; 0: 4 times")
	flag.BoolVar(&b.short, "short", false, "small loads, short windows, few outages")
	flag.StringVar(&b.program, "program", "", "the monitor to measure; empty: it is built")
	flag.StringVar(&out, "json", "", "file for the figures as JSON; empty: none")
	flag.Parse()
	report, err := b.all(ctx, *only)
	report.print(os.Stdout)
	if err == nil && out != "" {
		var text []byte
		text, err = json.MarshalIndent(report, "", "  ")
		err = errors.Join(err, os.WriteFile(out, append(text, '\n'), 0o600))
	}
	return err
}

// bench is one run.
type bench struct {
	short    bool
	count    int // of windows, if not the usual one
	program  string
	dir      string
	windows  windows
	load     Load // if it has endpoints: the only one
	broker   func(context.Context) (cluster, error)
	settings []string // of the monitor, as NAME=value
	noFile   bool     // they say that it has no database of its own
}

// Report is what a run found.
type Report struct {
	Date    time.Time      `json:"date"`
	Commit  string         `json:"commit"`
	Machine Machine        `json:"machine"`
	Method  string         `json:"method"`
	Loads   []LoadResult   `json:"loads"`
	Crowds  []CrowdResult  `json:"crowds"`
	Outages []OutageResult `json:"outages"`
	Kafka   KafkaReport    `json:"kafka"`

	Couchbase CouchbaseReport `json:"couchbase"`
}

// plan is what is measured.
type plan struct {
	loads     []Load
	aged      Load // of these: the one that runs until windows are full, for what is on disk
	crowds    []Crowd
	intervals []time.Duration // of outages
	outages   int             // of each kind
	kafka     kafkaPlan
	couchbase couchbasePlan
}

func (b *bench) plan() plan {
	if b.short {
		b.windows = windows{settle: 500 * time.Millisecond, length: 1500 * time.Millisecond, count: 1}
		return plan{
			loads:     []Load{{100, time.Second}, {1000, time.Second}},
			crowds:    []Crowd{{Endpoints: 200, Hanging: 100, Interval: time.Second, Timeout: 2 * time.Second}},
			intervals: []time.Duration{time.Second},
			outages:   2,
			kafka:     kafkaPlan{sizes: []int{10}, results: 1000, rounds: 1, endpoints: []int{10, 1000}},
			couchbase: couchbasePlan{endpoints: 100, minutes: 1, documents: 100, seconds: []int{600}, charts: 1, rounds: 1, load: Load{100, time.Second}},
		}
	}
	b.windows = windows{settle: 12 * time.Second, length: 15 * time.Second, count: cmp.Or(b.count, 4)}
	if b.load.Endpoints > 0 {
		return plan{loads: []Load{b.load}}
	}
	return plan{
		aged:      Load{1000, time.Second},
		loads:     []Load{{100, time.Second}, {1000, time.Second}, {10_000, time.Second}, {15_000, 300 * time.Millisecond}},
		crowds:    []Crowd{{Endpoints: 2000, Hanging: 1000, Interval: time.Second, Timeout: 5 * time.Second}},
		intervals: []time.Duration{time.Second, time.Minute},
		outages:   20,
		kafka:     kafkaPlan{sizes: []int{10, 100, 1000}, results: 200_000, rounds: 5, endpoints: []int{10, 1000, 100_000}, load: Load{1000, time.Second}, outages: 5},
		couchbase: couchbasePlan{
			endpoints: 10_000, minutes: 10, documents: 100_000, seconds: []int{1, 15}, charts: 5, rounds: 5, load: Load{10_000, time.Second}, outages: 20,
		},
	}
}

// prepare makes a folder for everything, and the monitor if there is none.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil || b.program != "" {
		return err
	}
	b.program, err = rig.Build(ctx, ".", b.dir)
	return err
}

// all does the whole run. What it had found before an error is in the report.
func (b *bench) all(ctx context.Context, only string) (Report, error) {
	report := Report{
		Date: time.Now().UTC().Truncate(time.Second), Commit: commit(ctx), Machine: thisMachine(), Method: method,
	}
	plan := b.plan()
	var err error
	if err = b.prepare(ctx); err != nil {
		return report, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	part := func(name string, measure func() error) {
		if err == nil && (only == "" || only == name) {
			err = measure()
		}
	}
	for _, load := range plan.loads {
		part("loads", func() error {
			windows := b.windows
			if load == plan.aged {
				windows.count = cmp.Or(b.count, int(fullWindow*load.Interval/windows.length))
			}
			result, err := b.run(ctx, load, windows)
			if err != nil {
				return fmt.Errorf("%d endpoints every %s: %w", load.Endpoints, load.Interval, err)
			}
			report.Loads = append(report.Loads, result)
			return nil
		})
	}
	for _, crowd := range plan.crowds {
		part("crowds", func() error {
			result, err := b.runCrowd(ctx, crowd)
			if err != nil {
				return fmt.Errorf("%d of %d endpoints that hang: %w", crowd.Hanging, crowd.Endpoints, err)
			}
			report.Crowds = append(report.Crowds, result)
			return nil
		})
	}
	for _, interval := range plan.intervals {
		part("outages", func() error {
			results, err := b.runOutages(ctx, interval, plan.outages)
			if err != nil {
				return fmt.Errorf("outages at %s: %w", interval, err)
			}
			report.Outages = append(report.Outages, results...)
			return nil
		})
	}
	part("kafka", func() (err error) {
		report.Kafka, err = b.runKafka(ctx, plan.kafka)
		return err
	})
	part("couchbase", func() (err error) {
		report.Couchbase, err = b.runCouchbase(ctx, plan.couchbase)
		return err
	})
	return report, err
}

func median(all []time.Duration) time.Duration { return share(slices.Sorted(slices.Values(all)), .5) }

// share returns the value that a share of the sorted values does not exceed.
func share(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
