// Package cluster prepares a Kafka cluster for the monitor: its topics, and the
// rights of those who use them. Both follow from the wiring in package knative.
package cluster

import (
	"errors"
	"flag"
	"io"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// cadence is that of the manifests' tick.
const cadence = 10 * time.Second

func wiring() (topology.Topology, error) { return topology.Load(knative.Files, cadence) }

// parse reads the flags and reports whether there is something left to do: who
// asks for help has got it. Invalid: they cannot be read.
func parse(flags *flag.FlagSet, out io.Writer, args []string) (bool, error) {
	flags.SetOutput(out)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return false, nil
	case err != nil:
		return false, monitor.Wrap(monitor.Invalid, err, "kafka %s cannot be understood", flags.Name())
	case flags.NArg() > 0:
		return false, monitor.Errorf(monitor.Invalid, "kafka %s takes flags only, got %q", flags.Name(), flags.Arg(0))
	}
	return true, nil
}
