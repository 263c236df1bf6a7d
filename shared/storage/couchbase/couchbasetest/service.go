package couchbasetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// service is one HTTP service on a port of its own, and on a second one with TLS if
// the node speaks it. It can be stopped, and started again on the same ports.
type service struct {
	handler    http.Handler
	ports      *ports
	secure     *tls.Config
	port       int
	securePort int // 0: none

	mu      sync.Mutex
	server  *http.Server // nil: it is stopped
	end     context.CancelFunc
	running sync.WaitGroup // the server and its connections
}

// start opens the service's ports. A service that runs goes on.
func (s *service) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return nil
	}
	plain, err := s.ports.listen(&s.port)
	if err != nil {
		return err
	}
	listeners := []net.Listener{plain}
	if s.secure != nil {
		socket, err := s.ports.listen(&s.securePort)
		if err != nil {
			_ = plain.Close()
			return err
		}
		listeners = append(listeners, tls.NewListener(socket, s.secure))
	}
	ctx, end := context.WithCancel(context.Background())
	server := &http.Server{
		Handler: s.heard(), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		ConnState: s.follow,
	}
	s.server, s.end = server, end
	for _, listener := range listeners {
		s.running.Go(func() { _ = server.Serve(listener) })
	}
	return nil
}

// stop closes the ports and all connections, and waits for the requests under way.
func (s *service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return
	}
	s.end()
	_ = s.server.Close()
	s.running.Wait()
	s.server = nil
}

// follow keeps stop waiting for each connection, and so for the request that is
// under way on it.
func (s *service) follow(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	case http.StateActive, http.StateIdle:
	}
}

// heard reads each request's body before it is handled: what is broken off later
// was heard whole.
func (s *service) heard() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 21<<20))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		s.handler.ServeHTTP(w, r)
	})
}
