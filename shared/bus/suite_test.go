package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
)

func TestBus(t *testing.T) {
	t.Parallel()
	start := func(t testing.TB, setup deliverytest.Setup) deliverytest.Host {
		t.Helper()
		b := newBus(setup)
		for name, handler := range setup.Functions {
			if err := b.Subscribe(name, handler); err != nil {
				t.Fatalf("subscribe: %v", err)
			}
		}
		return deliverytest.Host{Emit: b.Emit, Tail: b.Tail, Stop: run(t, b)}
	}
	deliverytest.Run(t, start)
	deliverytest.RunWaiting(t, start)
	deliverytest.RunTail(t, start)
}

func newBus(setup deliverytest.Setup) *bus.Bus {
	return bus.New(bus.Options{
		Topology: setup.Topology, DeadLetter: setup.DeadLetter, Queue: setup.Queue,
		Tail: bus.TailSize{Events: setup.TailEvents}, Drain: time.Minute,
	})
}

// run runs the bus and returns how to stop it, which happens at the test's end
// at the latest.
func run(t testing.TB, b *bus.Bus) func() error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}
