package kafka_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// TestClientClosedAtOnce closes a client from many sides at once, as the end of a
// context and a caller do.
func TestClientClosedAtOnce(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	for range 20 {
		client, err := kafka.NewClient(settings)
		if err != nil {
			t.Fatal(err)
		}
		var closing sync.WaitGroup
		start := make(chan struct{})
		for range 16 {
			closing.Go(func() {
				<-start
				if err := client.Close(); err != nil {
					t.Errorf("close: got %v, want nil", err)
				}
			})
		}
		close(start)
		closing.Wait()
		if !client.Closed() {
			t.Fatal("the client is not closed")
		}
	}
}

// hooked counts what waits for its end.
type hooked struct {
	context.Context //nolint:containedctx // it is one
	mu              sync.Mutex
	waiting         int
}

// Value has context.AfterFunc ask this one, and none that it was made from.
func (h *hooked) Value(any) any { return nil }

// AfterFunc is what context.AfterFunc calls.
func (h *hooked) AfterFunc(end func()) func() bool {
	h.count(1)
	stop := context.AfterFunc(h.Context, end)
	return func() bool {
		h.count(-1)
		return stop()
	}
}

// count adds to what waits, and returns how much it is.
func (h *hooked) count(more int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting += more
	return h.waiting
}

// TestConnectionEnds has a connection close with its context, which forgets one
// that was closed before.
func TestConnectionEnds(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	ctx := &hooked{Context: ended}
	settings := fake(t)
	open, closed := dialUntil(ctx, t, settings), dialUntil(ctx, t, settings)
	if err := closed.Close(); err != nil {
		t.Errorf("close: got %v, want nil", err)
	}
	if got := ctx.count(0); got != 1 {
		t.Errorf("got %d connections that wait for the end, want the one that is open", got)
	}
	end()
	if _, err := open.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after the end: got %v, want that the connection is closed", err)
	}
}

func dialUntil(ctx context.Context, t *testing.T, settings kafka.Settings) net.Conn {
	t.Helper()
	conn, err := kafka.DialUntil(ctx, settings.Brokers[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}
