package query_test

import (
	"bufio"
	"context"
	"encoding/json"
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
	t        testing.TB
	response *http.Response
	events   chan sent // closed when the stream has ended
	end      context.CancelFunc
	last     string // ID of the newest event that was taken
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

func connect(t testing.TB, base, ids, last string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/live?ids="+ids, nil)
	must(t, err)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	s := &stream{t: t, response: response, events: make(chan sent, 10_000), end: cancel}
	go s.read()
	t.Cleanup(s.close)
	return s
}

func (s *stream) close() {
	s.end()
	_ = s.response.Body.Close()
}

func (s *stream) read() {
	defer close(s.events)
	var next sent
	for lines := bufio.NewScanner(s.response.Body); lines.Scan(); {
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
	case <-time.After(10 * time.Second):
		s.t.Fatal("got nothing for 10 s, want an event")
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
