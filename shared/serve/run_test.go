package serve_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

// serving runs a server and returns its address and how to stop it.
func serving(t *testing.T, server serve.Server) (address string, stop func() error) {
	t.Helper()
	listener, err := serve.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	server.Log = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, listener) }()
	t.Cleanup(cancel)
	return "http://" + listener.Addr().String(), func() error {
		cancel()
		return <-ended
	}
}

func get(t *testing.T, address string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestServerStop(t *testing.T) {
	t.Parallel()

	t.Run("finishes what is in hand", func(t *testing.T) {
		t.Parallel()
		entered, release := make(chan struct{}), make(chan struct{})
		health := serve.NewHealth()
		address, stop := serving(t, serve.Server{Health: health, Handler: http.HandlerFunc(
			func(w http.ResponseWriter, _ *http.Request) {
				close(entered)
				<-release
				w.WriteHeader(http.StatusNoContent)
			})})
		answered, stopped := make(chan int, 1), make(chan error, 1)
		go func() { answered <- get(t, address) }()
		<-entered
		go func() { stopped <- stop() }()
		close(release)
		if got := <-answered; got != http.StatusNoContent {
			t.Errorf("request in hand: got %d, want 204", got)
		}
		if err := <-stopped; err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
		ready := httptest.NewRecorder()
		health.Wrap(http.NotFoundHandler()).ServeHTTP(ready, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health/readiness", nil))
		if ready.Code != http.StatusServiceUnavailable {
			t.Errorf("readiness at the end: got %d, want 503", ready.Code)
		}
	})

	t.Run("ends the contexts of long requests after the grace", func(t *testing.T) {
		t.Parallel()
		entered := make(chan struct{})
		address, stop := serving(t, serve.Server{Health: serve.NewHealth(), Grace: time.Millisecond, Handler: http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) {
				close(entered)
				<-r.Context().Done()
				w.WriteHeader(http.StatusServiceUnavailable)
			})})
		answered := make(chan int, 1)
		go func() { answered <- get(t, address) }()
		<-entered
		if err := stop(); err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
		if got := <-answered; got != http.StatusServiceUnavailable {
			t.Errorf("long request: got %d, want 503", got)
		}
	})

	t.Run("cuts off what does not end, and says so", func(t *testing.T) {
		t.Parallel()
		entered, release := make(chan struct{}), make(chan struct{})
		defer close(release)
		address, stop := serving(t, serve.Server{
			Health: serve.NewHealth(), Grace: time.Millisecond, Drain: 20 * time.Millisecond,
			Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				close(entered)
				<-release
			}),
		})
		answered := make(chan int, 1)
		go func() { answered <- get(t, address) }()
		<-entered
		if err := stop(); !errors.Is(err, monitor.Unavailable) {
			t.Errorf("run: got %v, want unavailable", err)
		}
		<-answered
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var fault error
	health := serve.NewHealth(func(context.Context) error { return fault })
	address, stop := serving(t, serve.Server{Health: health, Handler: http.NotFoundHandler()})
	steps := []struct {
		name  string
		do    func()
		ready int
	}{
		{"at first", func() {}, http.StatusOK},
		{"when a check fails", func() { fault = monitor.Errorf(monitor.Unavailable, "no storage") }, http.StatusServiceUnavailable},
		{"when it passes again", func() { fault = nil }, http.StatusOK},
		{"when the end has begun", health.Stop, http.StatusServiceUnavailable},
	}
	for _, step := range steps {
		step.do()
		if got := get(t, address+"/health/readiness"); got != step.ready {
			t.Errorf("readiness %s: got %d, want %d", step.name, got, step.ready)
		}
		if got := get(t, address+"/health/liveness"); got != http.StatusOK {
			t.Errorf("liveness %s: got %d, want 200", step.name, got)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	tests := map[string]struct {
		address string
		open    bool
		want    monitor.Code
		text    string
	}{
		"loopback is fine":                {"127.0.0.1:0", false, "", ""},
		"localhost is fine":               {"localhost:0", false, "", ""},
		"all addresses are refused":       {"0.0.0.0:0", false, monitor.Invalid, "use a loopback address"},
		"no host means all addresses":     {":0", false, monitor.Invalid, "use a loopback address"},
		"a name may be anywhere":          {"example.com:80", false, monitor.Invalid, "use a loopback address"},
		"open takes all addresses":        {":0", true, "", ""},
		"no port is a fault":              {"127.0.0.1", false, monitor.Invalid, "must be host:port"},
		"a port that is taken is a fault": {taken.Addr().String(), false, monitor.Unavailable, "is another program using the port?"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := serve.Listen(t.Context(), test.address, test.open)
			if err == nil {
				_ = listener.Close()
			}
			if monitor.CodeOf(err) != test.want || err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want code %q and %q", err, test.want, test.text)
			}
		})
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	handler := serve.Local(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	tests := map[string]int{
		"127.0.0.1:8081": http.StatusOK, "localhost": http.StatusOK, "[::1]:8081": http.StatusOK, "[::1]": http.StatusOK,
		"evil.example": http.StatusForbidden, "127.0.0.1.evil.example:8081": http.StatusForbidden, "": http.StatusForbidden,
	}
	for name, want := range tests {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		request.Host = name
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("host %q: got %d, want %d", name, answer.Code, want)
		}
	}
}

func TestServerCutsOffWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	address, stop := serving(t, serve.Server{
		Health: serve.NewHealth(), Write: 100 * time.Millisecond,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			var err error
			for part := make([]byte, 1<<20); err == nil; {
				_, err = w.Write(part)
			}
			ended <- err
		}),
	})
	t.Cleanup(func() { _ = stop() })
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the handler wrote all of an endless answer")
		}
	case <-time.After(time.Minute):
		t.Error("an answer that nobody reads is still being written")
	}
}
