// Package cluster prepares a Couchbase cluster for the monitor.
package cluster

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/migrate"
)

// Migrate is the command that makes what is missing in the cluster, and prints
// what it found, did and waited for. Invalid: the flags or the settings have
// faults, or the cluster is one that the monitor cannot work with. Forbidden: the
// cluster refuses the user, or what the user would do.
func Migrate(ctx context.Context, out io.Writer, args []string) error {
	options, more, err := flags(out, args)
	if !more {
		return err
	}
	var settings couchbase.Settings
	if err := host.Load(&settings); err != nil {
		return err
	}
	options.Tell = func(line string) { _, _ = fmt.Fprintln(out, line) }
	report, err := migrate.Run(ctx, settings, options)
	if err != nil {
		return err
	}
	return summary(out, report, options.Plan)
}

// flags reads the options, and reports whether there is something left to do: who
// asks for help has got it.
func flags(out io.Writer, args []string) (migrate.Options, bool, error) {
	var options migrate.Options
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.BoolVar(&options.Plan, "plan", false, "print what would be done, and change nothing")
	flags.BoolVar(&options.Create, "buckets", false, "make the buckets that are not there; otherwise each has to be there")
	flags.IntVar(&options.Quota, "quota", 256, "memory of each bucket that is made, in MB on each node, at least 100")
	flags.IntVar(&options.Replicas, "replicas", -1, "further copies of what is in each bucket that is made, 0 to 2; -1: 1 where the cluster has nodes for it")
	flags.IntVar(&options.IndexReplicas, "index-replicas", 0, "further copies of each index that is made, 0 to 3; they need Enterprise Edition and as many more nodes with the index service")
	flags.DurationVar(&options.Patience, "wait", 10*time.Minute, "how long to wait for the cluster and its indexes")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return options, false, nil
	case err != nil:
		return options, false, monitor.Wrap(monitor.Invalid, err, "couchbase migrate cannot be understood")
	case flags.NArg() > 0:
		return options, false, monitor.Errorf(monitor.Invalid, "couchbase migrate takes flags only, got %q", flags.Arg(0))
	default:
		return options, true, nil
	}
}

func summary(out io.Writer, report migrate.Report, planned bool) error {
	lines := append([]string{report.Cluster}, report.Buckets...)
	switch {
	case planned:
		for _, step := range report.Steps {
			lines = append(lines, "would "+step)
		}
		if len(report.Steps) == 0 {
			lines = append(lines, "nothing is missing")
		}
	case len(report.Steps) == 0:
		lines = append(lines, "everything was in place")
	default:
		lines = append(lines, "everything is in place")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}
