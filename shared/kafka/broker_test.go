package kafka_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
)

var (
	withBroker = flag.Bool("broker", false, "run the tests on a real broker too, which takes Java and Maven")
	long       = flag.Bool("long", false, "give the faults their full length")
)

// running is the broker of all tests, if there is one.
var running *broker.Broker

func TestMain(m *testing.M) {
	flag.Parse()
	code := 1
	if text := os.Getenv(variableMember); text != "" {
		if err := member(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	if running != nil {
		select {
		case <-running.Down():
			fmt.Fprintf(os.Stderr, "the broker ended before the tests did; its last words:\n%s\n", running.Log())
		default:
		}
		if err := running.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

func start() (err error) {
	if *withBroker {
		running, err = broker.Start(context.Background())
	}
	return err
}

// onBroker returns the broker; a test that is about a real one ends where there
// is none.
func onBroker(t *testing.T) *broker.Broker {
	t.Helper()
	if running == nil {
		t.Skip("it needs a real broker: go tool task test:kafka")
	}
	return running
}

func TestBroker(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	start := func(t testing.TB, setup deliverytest.Setup) deliverytest.Host {
		t.Helper()
		return host(t, plain(b.Plain), setup)
	}
	deliverytest.Run(t, start)
	deliverytest.RunTail(t, start)
}
