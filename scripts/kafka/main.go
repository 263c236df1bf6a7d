// Command kafka is for people who operate the monitor on Kafka, and for tests:
// it looks after topics, rights and dead letters, and it runs a real Apache Kafka
// broker on this machine.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/scripts/kafka/cluster"
	"github.com/api-endpoint-monitor/monitor/scripts/kafka/letters"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const usage = `usage:
  kafka broker                 run a Kafka broker on this machine until Ctrl-C
  kafka topics                 create the topics, and change settings of those that are there
  kafka acls                   print what each function may do on the brokers
  kafka letters COMMAND …      list, show and replay dead letters
Settings are read from the environment (MONITOR_KAFKA_…). COMMAND -help says more.`

// command does what the arguments behind its name say, and prints to out what
// people want to know. Invalid: the arguments or the settings have faults.
type command func(ctx context.Context, out io.Writer, args []string) error

func commands() map[string]command {
	return map[string]command{
		"broker":  broker.Command,
		"topics":  cluster.Topics,
		"acls":    cluster.ACLs,
		"letters": letters.Command,
	}
}

func main() {
	host.Main(func(ctx context.Context) error { return run(ctx, os.Stdout, os.Args[1:]) })
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 {
		return monitor.Errorf(monitor.Invalid, "%s", usage)
	}
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		_, err := fmt.Fprintln(out, usage)
		return err
	}
	named, ok := commands()[args[0]]
	if !ok {
		return monitor.Errorf(monitor.Invalid, "there is no command %q\n%s", args[0], usage)
	}
	return named(ctx, out, args[1:])
}
