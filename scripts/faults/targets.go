package main

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// request is one check as its target saw it.
type request struct {
	at     time.Time
	failed bool // it was answered with an error, as the script wanted
}

// targets are the endpoints that are watched, each a path of one server. They
// are the first book of the ledger: what was really checked.
type targets struct {
	server *server
	list   []target
	failed func(times int) // told when an endpoint has answered so many checks in a row with an error
}

type target struct {
	mu      sync.Mutex
	failing bool
	times   int // that it failed in a row
	seen    []request
}

func newTargets(count int, failed func(times int)) (*targets, error) {
	t := &targets{list: make([]target, count), failed: failed}
	var err error
	t.server, err = listen(t)
	return t, err
}

// ServeHTTP answers the check of the endpoint whose number is the path.
func (t *targets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil || number < 0 || number >= len(t.list) {
		http.NotFound(w, r)
		return
	}
	if times := t.list[number].see(time.Now()); times > 0 {
		http.Error(w, "out of order", http.StatusInternalServerError)
		t.failed(times)
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// see notes a check and returns how many have failed in a row; 0: it passes.
func (t *target) see(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = append(t.seen, request{now, t.failing})
	if !t.failing {
		return 0
	}
	t.times++
	return t.times
}

func (t *target) fail(failing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failing, t.times = failing, 0
}

// requests returns what the endpoint saw, oldest first.
func (t *target) requests() []request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clip(t.seen)
}

// server is an HTTP server on a free loopback port.
type server struct {
	url  string
	http *http.Server
	done chan struct{} // closed at the end
}

func listen(handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		url:  "http://" + listener.Addr().String(),
		http: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener) // it ends when it is closed
	}()
	return s, nil
}

func (s *server) close() {
	_ = s.http.Close()
	<-s.done
}
