package look_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func get(url string) *look.Request {
	return &look.Request{Endpoint: "shop/a", Location: "local", Method: http.MethodGet, URL: url, Timeout: time.Minute}
}

func newHTTP(t *testing.T, options look.Options) *look.HTTP {
	t.Helper()
	eye, err := look.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	return eye
}

func serve(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
}

// counting returns a server that is still to be started, and how many
// connections were made to it.
func counting(t *testing.T, handle http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var made atomic.Int64
	server := httptest.NewUnstartedServer(handle)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			made.Add(1)
		}
	}
	t.Cleanup(server.Close)
	return server, &made
}

func TestHTTPLook(t *testing.T) {
	t.Parallel()
	t.Run("a whole answer is read", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Seen", fmt.Sprint(r.Method, " ", r.Header.Get("X-Key"), " ", r.Header.Get("User-Agent"), " ", r.Host, " ", string(body)))
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "short and stout")
		})
		request := get(server.URL)
		request.Method, request.Body, request.KeepBody = http.MethodPost, "hello", true
		request.Headers = map[string]string{"X-Key": "k", "Host": "shop.example"}
		answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
		if answer.Fault != "" || answer.Status != http.StatusTeapot || string(answer.Body) != "short and stout" || answer.Bytes != 15 {
			t.Fatalf("got %+v, want the answer", answer)
		}
		if got, want := answer.Headers.Get("X-Seen"), "POST k api-endpoint-monitor/1 shop.example hello"; got != want {
			t.Fatalf("the server saw %q, want %q", got, want)
		}
		if answer.Connect == 0 || answer.FirstByte == 0 || answer.Took < time.Duration(answer.Connect+answer.FirstByte)*time.Microsecond {
			t.Fatalf("got phases %+v of %s, want them to fit", answer.Phases, answer.Took)
		}
	})
	t.Run("a name and a password in the URL are sent", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			w.Header().Set("X-Seen", user+":"+password)
		})
		request := get(strings.Replace(server.URL, "http://", "http://u:p@", 1))
		request.KeepHead = true
		answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
		if got := answer.Headers.Get("X-Seen"); got != "u:p" {
			t.Fatalf("got %q, want %q", got, "u:p")
		}
	})
	t.Run("a body beyond the limit is cut, and said to be", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			for err := error(nil); err == nil; { // without end
				_, err = w.Write(make([]byte, 64<<10))
			}
		})
		for _, keep := range []bool{false, true} {
			request := get(server.URL)
			request.KeepBody = keep
			answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
			if answer.Fault != "" || !answer.Truncated || answer.Bytes != look.MaxBody || len(answer.Body) > look.MaxBody {
				t.Fatalf("got %d bytes, truncated %v, fault %q, want %d", answer.Bytes, answer.Truncated, answer.Fault, look.MaxBody)
			}
		}
	})
	t.Run("a body of just the limit is whole", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, look.MaxBody)) })
		if answer := newHTTP(t, look.Options{}).Look(t.Context(), get(server.URL)); answer.Truncated || answer.Bytes != look.MaxBody {
			t.Fatalf("got %d bytes, truncated %v", answer.Bytes, answer.Truncated)
		}
	})
	t.Run("the end of ctx ends a look", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		held := make(chan struct{})
		server := serve(t, func(http.ResponseWriter, *http.Request) { cancel(); <-held })
		defer close(held)
		request := get(server.URL)
		request.Timeout = time.Hour
		newHTTP(t, look.Options{}).Look(ctx, request)
	})
}

func TestHTTPConnections(t *testing.T) {
	t.Parallel()
	count := func(t *testing.T) (*httptest.Server, *atomic.Int64) {
		server, made := counting(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
		server.Start()
		return server, made
	}
	tests := map[string]struct {
		fresh  time.Duration
		method string
		looks  int
		want   int64
	}{
		"a connection is kept":                                 {time.Minute, http.MethodGet, 5, 1},
		"one that is too old is not used again":                {time.Nanosecond, http.MethodGet, 5, 5},
		"a request that must not be sent twice gets a new one": {time.Minute, http.MethodPost, 3, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, made := count(t)
			eye := newHTTP(t, look.Options{Fresh: test.fresh})
			for range test.looks {
				request := get(server.URL)
				request.Method = test.method
				if answer := eye.Look(t.Context(), request); answer.Fault != "" {
					t.Fatalf("got fault %q %q", answer.Fault, answer.Reason)
				}
			}
			if got := made.Load(); got != test.want {
				t.Fatalf("got %d connections, want %d", got, test.want)
			}
		})
	}
	t.Run("those that were made together are not made afresh together", func(t *testing.T) {
		t.Parallel()
		eye := newHTTP(t, look.Options{Fresh: time.Minute})
		for share, some := range map[float64][2]int{0.6: {0, 0}, 0.8: {1, 999}, 0.96: {1000, 1000}} {
			aged := 0
			for range 1000 {
				if eye.Aged(time.Duration(share * float64(time.Minute))) {
					aged++
				}
			}
			if aged < some[0] || aged > some[1] {
				t.Errorf("at an age of %v of the limit %d of 1000 are made afresh, want %d to %d", share, aged, some[0], some[1])
			}
		}
	})
	t.Run("endpoints do not share one", func(t *testing.T) {
		t.Parallel()
		server, made := count(t)
		eye := newHTTP(t, look.Options{})
		for i := range 4 {
			request := get(server.URL)
			request.Endpoint = "shop/" + strconv.Itoa(i%2)
			eye.Look(t.Context(), request)
		}
		if got := made.Load(); got != 2 {
			t.Fatalf("got %d connections, want 2", got)
		}
	})
	t.Run("on a kept one the first phases are nothing", func(t *testing.T) {
		t.Parallel()
		server, _ := count(t)
		eye := newHTTP(t, look.Options{})
		first, second := eye.Look(t.Context(), get(server.URL)), eye.Look(t.Context(), get(server.URL))
		if first.Connect == 0 || second.Connect != 0 || second.DNS != 0 || second.FirstByte == 0 {
			t.Fatalf("got %+v, then %+v", first.Phases, second.Phases)
		}
	})
	t.Run("a fault is followed by a fresh one", func(t *testing.T) {
		t.Parallel()
		var hang atomic.Bool
		held := make(chan struct{})
		server, _ := counting(t, func(http.ResponseWriter, *http.Request) {
			if hang.Load() {
				<-held
			}
		})
		server.EnableHTTP2 = true
		server.StartTLS()
		defer close(held)
		eye := newHTTP(t, look.Options{Roots: roots(server)})
		request := get(server.URL)
		eye.Look(t.Context(), request)
		hang.Store(true)
		request.Timeout = 50 * time.Millisecond
		if answer := lookAtRest(t, eye, request); answer.Fault != monitor.FaultTimeout {
			t.Fatalf("got %q, want %q", answer.Fault, monitor.FaultTimeout)
		}
		hang.Store(false)
		request.Timeout = time.Minute
		if answer := eye.Look(t.Context(), request); answer.Fault != "" || answer.Connect == 0 {
			t.Fatalf("got %+v, want an answer over a new connection", answer)
		}
	})
	t.Run("one that the peer has closed does no harm", func(t *testing.T) {
		t.Parallel()
		address := raw(t, func(conn net.Conn) { // answers once, promises to stay, and goes
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		})
		eye := newHTTP(t, look.Options{})
		for range 20 {
			if answer := eye.Look(t.Context(), get("http://"+address)); answer.Fault != "" {
				t.Fatalf("got fault %q %q, want none", answer.Fault, answer.Reason)
			}
		}
	})
}

func TestHTTPRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere http.Header
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { elsewhere = r.Header.Clone() })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/keep":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/0":
			w.Header().Set("X-Key", r.Header.Get("X-Key"))
		default:
			n, _ := strconv.Atoi(r.URL.Path[1:])
			http.Redirect(w, r, "/"+strconv.Itoa(n-1)+"?token=1", http.StatusFound)
		}
	})
	ask := func(path, method, body string, redirects int) look.Answer {
		request := get(server.URL + path)
		request.Endpoint, request.Method, request.Body, request.Redirects = path+method, method, body, redirects
		request.Headers = map[string]string{"X-Key": "k", "Authorization": "Bearer t", "User-Agent": "secret"}
		return newHTTP(t, look.Options{}).Look(t.Context(), request)
	}
	if answer := ask("/2", http.MethodGet, "", 0); answer.Status != http.StatusFound || answer.Fault != "" {
		t.Errorf("without redirects: got %d %q, want the first answer", answer.Status, answer.Fault)
	}
	if answer := ask("/2", http.MethodGet, "", 2); answer.Status != http.StatusOK || answer.Headers.Get("X-Key") != "k" {
		t.Errorf("as many as allowed: got %d with key %q, want the last answer", answer.Status, answer.Headers.Get("X-Key"))
	}
	if answer := ask("/3", http.MethodGet, "", 2); answer.Fault != monitor.FaultRedirects {
		t.Errorf("one too many: got %d %q, want %q", answer.Status, answer.Fault, monitor.FaultRedirects)
	}
	if answer := ask("/away", http.MethodGet, "", 1); answer.Fault != "" || answer.Status != http.StatusOK {
		t.Errorf("to another host: got %d %q, want its answer", answer.Status, answer.Fault)
	}
	want := http.Header{"User-Agent": {"api-endpoint-monitor/1"}}
	if diff := cmp.Diff(want, elsewhere); diff != "" {
		t.Errorf("the other host was told (-want +got):\n%s", diff)
	}
	if answer := ask("/keep", http.MethodPost, "s3cr3t", 1); answer.Fault != monitor.FaultRedirects || !strings.Contains(answer.Reason, "body to another host") {
		t.Errorf("a body to another host: got %d %q %q, want a fault", answer.Status, answer.Fault, answer.Reason)
	}
}

// It must not run beside others: it takes all of the processor.
func TestHTTPBusyObserver(t *testing.T) {
	hang := make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) { <-hang })
	defer close(hang)
	request := get(server.URL)
	request.Timeout = 50 * time.Millisecond
	eye := newHTTP(t, look.Options{})
	var stop atomic.Bool
	var spinning sync.WaitGroup
	for range 25 * runtime.GOMAXPROCS(0) {
		spinning.Go(func() {
			for !stop.Load() {
				continue
			}
		})
	}
	for range 10 {
		eye.Look(t.Context(), request)
	}
	answer := eye.Look(t.Context(), request)
	stop.Store(true)
	spinning.Wait()
	if answer.Fault != monitor.FaultObserver || !strings.Contains(answer.Reason, "too busy") {
		t.Fatalf("got %s %q after %s, want the observer's own fault", answer.Fault, answer.Reason, answer.Took)
	}
	if answer := lookAtRest(t, eye, request); answer.Fault != monitor.FaultTimeout {
		t.Fatalf("got %s %q, want a timeout again once the observer has time", answer.Fault, answer.Reason)
	}
}

// lookAtRest looks until this process is not too busy to tell.
func lookAtRest(t *testing.T, eye *look.HTTP, request *look.Request) look.Answer {
	t.Helper()
	answer := eye.Look(t.Context(), request)
	for deadline := time.Now().Add(time.Minute); answer.Fault == monitor.FaultObserver && time.Now().Before(deadline); {
		answer = eye.Look(t.Context(), request)
	}
	return answer
}
