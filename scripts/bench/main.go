// Command bench measures what a check costs, how late checks come and how soon
// an outage is told: of the real monitor with everything on, and of a bare loop
// in the same run. It prints a table and, if asked, JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func main() { host.Main(program) }

func program(ctx context.Context) error {
	if len(os.Args) > 1 && os.Args[1] == partCommand {
		return servePart(os.Stdin, os.Stdout)
	}
	if len(os.Args) > 2 && os.Args[1] == referenceCommand {
		interval, err := time.ParseDuration(os.Args[2])
		if err != nil {
			return err
		}
		return reference(ctx, interval, os.Stdin)
	}
	b, out := bench{}, ""
	only := flag.String("only", "", "a part of the run: loads or outages; empty: all")
	flag.IntVar(&b.load.Endpoints, "endpoints", 0, "one load alone, of so many endpoints; 0: all of them")
	flag.DurationVar(&b.load.Interval, "interval", time.Second, "the interval of that load")
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
	short   bool
	program string
	dir     string
	windows windows
	load    Load // if it has endpoints: the only one
}

// Report is what a run found.
type Report struct {
	Date    time.Time      `json:"date"`
	Loads   []LoadResult   `json:"loads"`
	Outages []OutageResult `json:"outages"`
}

// plan says what is measured.
func (b *bench) plan() (loads []Load, intervals []time.Duration, outages int) {
	defer func() {
		if b.load.Endpoints > 0 {
			loads, intervals = []Load{b.load}, nil
		}
	}()
	if b.short {
		b.windows = windows{settle: 2 * time.Second, length: 3 * time.Second, count: 1}
		return []Load{{100, time.Second}, {1000, time.Second}}, []time.Duration{time.Second}, 2
	}
	b.windows = windows{settle: 12 * time.Second, length: 15 * time.Second, count: 4}
	loads = []Load{{100, time.Second}, {1000, time.Second}, {10_000, time.Second}, {15_000, 300 * time.Millisecond}}
	return loads, []time.Duration{time.Second, time.Minute}, 20
}

// all does the whole run. What it had found before an error is in the report.
func (b *bench) all(ctx context.Context, only string) (Report, error) {
	report := Report{Date: time.Now().UTC().Truncate(time.Second)}
	loads, intervals, each := b.plan()
	var err error
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return report, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if b.program == "" {
		if b.program, err = rig.Build(ctx, ".", b.dir); err != nil {
			return report, err
		}
	}
	for _, load := range loads {
		if only == "outages" {
			break
		}
		result, err := b.run(ctx, load)
		if err != nil {
			return report, fmt.Errorf("%d endpoints every %s: %w", load.Endpoints, load.Interval, err)
		}
		report.Loads = append(report.Loads, result)
	}
	for _, interval := range intervals {
		if only == "loads" {
			break
		}
		results, err := b.runOutages(ctx, interval, each)
		if err != nil {
			return report, fmt.Errorf("outages at %s: %w", interval, err)
		}
		report.Outages = append(report.Outages, results...)
	}
	return report, nil
}

func median(all []time.Duration) time.Duration { return share(slices.Sorted(slices.Values(all)), .5) }

// share returns the value that a share of the sorted values does not exceed.
func share(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
