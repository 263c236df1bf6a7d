// Command kafka runs a real Apache Kafka broker on this machine until Ctrl-C,
// for tests and trials: one node, with its data in a temporary folder. With
// -check it only says whether it could, and with -fetch it only fetches what
// the broker consists of.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func main() {
	check := flag.Bool("check", false, "say whether Java and Maven are there, and end")
	fetch := flag.Bool("fetch", false, "fetch the broker, and end")
	flag.Parse()
	host.Main(func(ctx context.Context) error {
		switch {
		case *check:
			return broker.Check(ctx)
		case *fetch:
			_, err := broker.Fetch(ctx)
			return err
		default:
			return run(ctx)
		}
	})
}

func run(ctx context.Context) error {
	fmt.Printf("Starting Kafka %s …\n", broker.Version)
	b, err := broker.Start(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("without login: %s\nTLS and SCRAM-SHA-512: %s as %s with the password %s, authority %s\nCtrl-C ends it.\n",
		b.Plain, b.Secure, broker.User, broker.Password, b.Authority)
	<-ctx.Done()
	return errors.Join(b.Stop(), b.Remove())
}
