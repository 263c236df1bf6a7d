package broker

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Command runs a broker, with its data in a temporary folder, until ctx ends.
// With -check it only says whether it could, and with -fetch it only fetches
// what the broker consists of.
func Command(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("broker", flag.ContinueOnError)
	flags.SetOutput(out)
	check := flags.Bool("check", false, "say whether Java and Maven are there, and end")
	fetch := flags.Bool("fetch", false, "fetch the broker, and end")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil || flags.NArg() > 0:
		return monitor.Errorf(monitor.Invalid, "usage: kafka broker [-check | -fetch]")
	case *check:
		return Check(ctx)
	case *fetch:
		_, err := Fetch(ctx)
		return err
	default:
		return run(ctx, out)
	}
}

func run(ctx context.Context, out io.Writer) error {
	_, _ = fmt.Fprintf(out, "Starting Kafka %s …\n", Version)
	b, err := Start(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "without login: %s\nTLS and SCRAM-SHA-512: %s as %s with the password %s, authority %s\nCtrl-C ends it.\n",
		b.Plain, b.Secure, User, Password, b.Authority)
	<-ctx.Done()
	return errors.Join(b.Stop(), b.Remove())
}
