// Command couchbase is for people who operate the monitor on Couchbase: it
// prepares a cluster, and runs a stand-in for one where there is none.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/cluster"
	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const usage = `usage:
  couchbase migrate            make what the monitor needs in a cluster: scopes, collections and
                               indexes, and buckets where it is asked to; it may run again
  couchbase node               run a stand-in for a Couchbase node on this machine until Ctrl-C
Settings are read from the environment (MONITOR_COUCHBASE…, MONITOR_BUCKET, MONITOR_BUCKETS).
COMMAND -help says more.`

func main() {
	host.Main(func(ctx context.Context) error { return run(ctx, os.Stdout, os.Args[1:]) })
}

func run(ctx context.Context, out io.Writer, args []string) error {
	switch {
	case len(args) == 0:
		return monitor.Errorf(monitor.Invalid, "%s", usage)
	case slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]):
		_, err := fmt.Fprintln(out, usage)
		return err
	case args[0] == "migrate":
		return cluster.Migrate(ctx, out, args[1:])
	case args[0] == "node":
		return node.Command(ctx, out, args[1:])
	default:
		return monitor.Errorf(monitor.Invalid, "there is no command %q\n%s", args[0], usage)
	}
}
