package serve

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// AnswerWithin is how long an answer of the API may take, so that a client that
// does not read holds no connection for good. The live stream moves its own
// deadline on.
const AnswerWithin = 30 * time.Second

// Server is an HTTP server that ends cleanly.
type Server struct {
	Handler http.Handler
	Health  *Health // answers the health paths; its readiness fails first
	Log     *slog.Logger

	// At the end requests in hand may go on undisturbed for Grace; then their
	// contexts end, and at Drain their connections are closed. 0: 2 s and 15 s.
	Grace, Drain time.Duration

	// Write is how long an answer may take, unless its handler moves the
	// deadline; 0: as long as it likes.
	Write time.Duration

	// Connections is how many are open at once, those beyond wait; 0:
	// MaxConnections.
	Connections int
}

// Run serves until ctx ends and then finishes what is in hand. Unavailable:
// requests in hand were cut off, or the listener failed.
func (s Server) Run(ctx context.Context, listener net.Listener) error {
	if s.Grace == 0 {
		s.Grace = 2 * time.Second
	}
	if s.Drain == 0 {
		s.Drain = 15 * time.Second
	}
	listener = limit(listener, cmp.Or(s.Connections, MaxConnections))
	requests, endRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer endRequests()
	server := &http.Server{
		Handler:           s.Health.Wrap(s.Handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      s.Write,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return monitor.Wrap(monitor.Unavailable, err, "the server on %s ended", listener.Addr())
	case <-ctx.Done():
	}
	s.Health.Stop()
	err := s.shutdown(requests, server, endRequests)
	if ended := <-failed; err == nil && !errors.Is(ended, http.ErrServerClosed) {
		err = monitor.Wrap(monitor.Unavailable, ended, "the server on %s ended", listener.Addr())
	}
	return err
}

func (s Server) shutdown(ctx context.Context, server *http.Server, endRequests func()) error {
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Drain)
	defer cancel()
	grace := time.AfterFunc(s.Grace, endRequests)
	defer grace.Stop()
	err := server.Shutdown(bound)
	if err == nil {
		return nil
	}
	err = errors.Join(err, server.Close())
	return monitor.Wrap(monitor.Unavailable, err, "requests in hand were not finished within %s", s.Drain)
}
