package query_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/query"
)

// sent is one event of a live stream.
type sent struct{ id, kind, data string }

// stream is a live stream as a client sees it.
type stream struct {
	t      testing.TB
	body   io.ReadCloser
	events chan sent // closed when the stream has ended
	end    context.CancelFunc
	last   string // ID of the newest event that was taken
}

// serve puts the kit behind a real HTTP server, with the timeouts that hosts
// have.
func (k *kit) serve(t testing.TB) string {
	t.Helper()
	server := httptest.NewUnstartedServer(k.query.Handler())
	server.Config.ReadTimeout = 500 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// dial begins a live stream at a real server and returns its answer too.
func dial(t testing.TB, base, ids string) (*stream, *http.Response) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/live?ids="+ids, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	return newStream(t, response.Body, cancel), response
}

// connect begins a live stream without any network, so that it can be used in a
// bubble of fake time. It returns when the client has joined.
func (k *kit) connect(t testing.TB, ids, last string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/api/v1/live?ids="+ids, nil)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	body, out := io.Pipe()
	answer := &piped{PipeWriter: out, header: http.Header{}, began: make(chan struct{})}
	go func() {
		k.query.Handler().ServeHTTP(answer, request)
		_ = out.Close()
	}()
	<-answer.began
	return newStream(t, body, cancel)
}

// piped is an answer that its reader gets as it is written.
type piped struct {
	*io.PipeWriter
	header http.Header
	began  chan struct{} // closed when the status is known
}

func (p *piped) Header() http.Header { return p.header }
func (p *piped) WriteHeader(int)     { close(p.began) }
func (p *piped) Flush()              {}

func newStream(t testing.TB, body io.ReadCloser, end context.CancelFunc) *stream {
	s := &stream{t: t, body: body, events: make(chan sent, 10_000), end: end}
	go s.read()
	t.Cleanup(s.close)
	return s
}

func (s *stream) close() {
	s.end()
	_ = s.body.Close()
}

func (s *stream) read() {
	defer close(s.events)
	var next sent
	for lines := bufio.NewScanner(s.body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			next.id = value
		case "event":
			next.kind = value
		case "data":
			next.data = value
		case "":
			if next.kind != "" {
				s.events <- next
			}
			next = sent{}
		}
	}
}

// next returns the next event.
func (s *stream) next() sent {
	s.t.Helper()
	select {
	case e, ok := <-s.events:
		if !ok {
			s.t.Fatal("got the end of the stream, want an event")
		}
		if e.id == "" {
			s.t.Errorf("got %+v without an ID, want one", e)
		}
		s.last = e.id
		return e
	case <-time.After(time.Minute):
		s.t.Fatal("got nothing for a minute, want an event")
		return sent{}
	}
}

// until returns the events up to and with the first one that fits.
func (s *stream) until(fits func(sent) bool) []sent {
	s.t.Helper()
	var all []sent
	for {
		e := s.next()
		all = append(all, e)
		if fits(e) {
			return all
		}
	}
}

func kind(name string) func(sent) bool { return func(e sent) bool { return e.kind == name } }

// items returns the items of all events endpoints among those given.
func items(t testing.TB, all []sent) []query.LiveEndpoint {
	t.Helper()
	var told []query.LiveEndpoint
	for _, e := range all {
		if e.kind == "endpoints" {
			var some []query.LiveEndpoint
			must(t, json.Unmarshal([]byte(e.data), &some))
			told = append(told, some...)
		}
	}
	return told
}
