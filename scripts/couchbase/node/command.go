package node

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Command runs a node until ctx ends, and says how to use it. With -bare nothing
// is prepared in it.
func Command(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("node", flag.ContinueOnError)
	flags.SetOutput(out)
	bare := flags.Bool("bare", false, "make no bucket in it: couchbase migrate -buckets does that")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil || flags.NArg() > 0:
		return monitor.Errorf(monitor.Invalid, "usage: couchbase node [-bare]")
	}
	n, err := New(*bare)
	if err != nil {
		return err
	}
	defer n.Close()
	if _, err := fmt.Fprintf(out, notice, strings.Join(Settings(n), "\nexport ")); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

const notice = `This is a stand-in for a Couchbase node, for trials on this machine.
It is no Couchbase: it keeps everything in memory, forgets all of it at its end,
and knows only what the monitor asks. For what may not be lost, use a real cluster.

In the shell that starts the monitor:

export %s

Ctrl-C ends it.
`
