package serve_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

// TestServe hosts each function by serve, behind a bus that delivers over HTTP,
// as a Knative broker would.
func TestServe(t *testing.T) {
	t.Parallel()
	start := func(t testing.TB, setup deliverytest.Setup) deliverytest.Host {
		t.Helper()
		b := bus.New(bus.Options{
			Topology: setup.Topology, DeadLetter: setup.DeadLetter, Queue: setup.Queue,
			Tail: bus.TailSize{Events: setup.TailEvents}, Drain: time.Minute,
		})
		ingress := httptest.NewServer(b.Ingress())
		t.Cleanup(ingress.Close)
		emit, err := serve.Sink(ingress.URL)
		if err != nil {
			t.Fatalf("sink: %v", err)
		}
		for name, handler := range setup.Functions {
			function := httptest.NewServer(serve.Handler(handler, serve.Options{Emit: emit}))
			t.Cleanup(function.Close)
			if err := b.SubscribeURL(name, function.URL); err != nil {
				t.Fatalf("subscribe: %v", err)
			}
		}
		tail, err := serve.Tail(ingress.URL+"/tail", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("tail: %v", err)
		}
		return deliverytest.Host{Emit: emit, Tail: tail, Stop: run(t, b)}
	}
	deliverytest.Run(t, start)
	deliverytest.RunWaiting(t, start)
	deliverytest.RunTail(t, start)
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
