package cluster

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// patience bounds the whole work on the topics.
const patience = time.Minute

// Topics is the command that creates the topics that are not there, and changes
// the settings of those that are. What they keep is cut short only where a flag
// says so: it may not have been handled yet. Invalid: the flags or the settings have faults.
func Topics(ctx context.Context, out io.Writer, args []string) error {
	wiring, err := wiring()
	if err != nil {
		return err
	}
	topics := kafka.Topics(wiring)
	flags := flag.NewFlagSet("topics", flag.ContinueOnError)
	one := flags.Bool("one-broker", false, "for a single broker: one replica of everything")
	partitions := flags.Int("partitions", int(topics[0].Partitions), "partitions of the events' topic: the most processes that share the work of a function. They never change once it is there")
	retention := flags.Duration("retention", topics[0].Retention, "how long events are kept: the longest that a function may be away")
	letters := flags.Duration("letters-retention", topics[1].Retention, "how long dead letters are kept: until people have looked at them")
	if more, err := parse(flags, out, args); !more {
		return err
	}
	if *partitions < 1 || *partitions > maxPartitions {
		return monitor.Errorf(monitor.Invalid, "-partitions must be from 1 to %d, got %d", maxPartitions, *partitions)
	}
	var settings kafka.Settings
	if err := host.Load(&settings); err != nil {
		return err
	}
	said := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { said[f.Name] = true })
	topics[0].Partitions = int32(*partitions) //nolint:gosec // bounded
	topics[0].Retention, topics[0].Longer = *retention, !said["retention"]
	for i := range topics[1:] {
		topics[1+i].Retention, topics[1+i].Longer = *letters, !said["letters-retention"]
	}
	if *one {
		topics = kafka.OnOneBroker(topics)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reports, err := kafka.ApplyTopics(ctx, settings, topics)
	for _, report := range reports {
		if _, err := fmt.Fprintln(out, report); err != nil {
			return err
		}
	}
	return err
}

// maxPartitions is the most that the events' topic can have use for: one for each
// shard, of which there are 1024 at most.
const maxPartitions = 1024
