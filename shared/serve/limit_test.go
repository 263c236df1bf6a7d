package serve_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

// door is a listener that counts whom it lets in.
type door struct {
	waiting chan net.Conn
	closed  chan struct{}
	let     atomic.Int32
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.waiting:
		d.let.Add(1)
		return conn, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	close(d.closed)
	return nil
}

func (d *door) Addr() net.Addr { return &net.TCPAddr{} }

func TestServerConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{waiting: make(chan net.Conn, 3), closed: make(chan struct{})}
		guests := make([]net.Conn, cap(d.waiting))
		for i := range guests {
			var there net.Conn
			guests[i], there = net.Pipe()
			d.waiting <- there
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		server := serve.Server{
			Handler: http.NotFoundHandler(), Health: serve.NewHealth(), Log: slog.New(slog.DiscardHandler), Connections: 2,
		}
		go func() { ended <- server.Run(ctx, d) }()
		synctest.Wait()
		if got := d.let.Load(); got != 2 {
			t.Errorf("got %d connections at once, want 2", got)
		}
		_ = guests[0].Close()
		synctest.Wait()
		if got := d.let.Load(); got != 3 {
			t.Errorf("got %d connections in all after one was closed, want 3", got)
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	})
}
