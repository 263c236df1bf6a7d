package probe_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func get(url string) *probe.Request {
	return &probe.Request{Endpoint: "shop/a", Location: "local", Method: http.MethodGet, URL: url, Timeout: 5 * time.Second}
}

func newHTTP(t *testing.T, options probe.HTTPOptions) *probe.HTTP {
	t.Helper()
	look := probe.NewHTTP(options)
	t.Cleanup(look.Close)
	return look
}

func serve(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
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
		answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), request)
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
		answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get(strings.Replace(server.URL, "http://", "http://u:p@", 1)))
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
			answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), request)
			if answer.Fault != "" || !answer.Truncated || answer.Bytes != probe.MaxBody || len(answer.Body) > probe.MaxBody {
				t.Fatalf("got %d bytes, truncated %v, fault %q, want %d", answer.Bytes, answer.Truncated, answer.Fault, probe.MaxBody)
			}
		}
	})
	t.Run("a body of just the limit is whole", func(t *testing.T) {
		t.Parallel()
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, probe.MaxBody)) })
		if answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get(server.URL)); answer.Truncated || answer.Bytes != probe.MaxBody {
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
		newHTTP(t, probe.HTTPOptions{}).Look(ctx, request)
	})
}

func TestHTTPConnections(t *testing.T) {
	t.Parallel()
	count := func(t *testing.T) (*httptest.Server, *atomic.Int64) {
		var made atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				made.Add(1)
			}
		}
		server.Start()
		t.Cleanup(server.Close)
		return server, &made
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
			look := newHTTP(t, probe.HTTPOptions{Fresh: test.fresh})
			for range test.looks {
				request := get(server.URL)
				request.Method = test.method
				if answer := look.Look(t.Context(), request); answer.Fault != "" {
					t.Fatalf("got fault %q %q", answer.Fault, answer.Reason)
				}
			}
			if got := made.Load(); got != test.want {
				t.Fatalf("got %d connections, want %d", got, test.want)
			}
		})
	}
	t.Run("endpoints do not share one", func(t *testing.T) {
		t.Parallel()
		server, made := count(t)
		look := newHTTP(t, probe.HTTPOptions{})
		for i := range 4 {
			request := get(server.URL)
			request.Endpoint = "shop/" + strconv.Itoa(i%2)
			look.Look(t.Context(), request)
		}
		if got := made.Load(); got != 2 {
			t.Fatalf("got %d connections, want 2", got)
		}
	})
	t.Run("on a kept one the first phases are nothing", func(t *testing.T) {
		t.Parallel()
		server, _ := count(t)
		look := newHTTP(t, probe.HTTPOptions{})
		first, second := look.Look(t.Context(), get(server.URL)), look.Look(t.Context(), get(server.URL))
		if first.Connect == 0 || second.Connect != 0 || second.DNS != 0 || second.FirstByte == 0 {
			t.Fatalf("got %+v, then %+v", first.Phases, second.Phases)
		}
	})
	t.Run("a fault is followed by a fresh one", func(t *testing.T) {
		t.Parallel()
		var hang atomic.Bool
		held := make(chan struct{})
		var made atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if hang.Load() {
				<-held
			}
		}))
		server.EnableHTTP2 = true
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				made.Add(1)
			}
		}
		server.StartTLS()
		t.Cleanup(server.Close)
		defer close(held)
		look := newHTTP(t, probe.HTTPOptions{Roots: roots(server)})
		request := get(server.URL)
		look.Look(t.Context(), request)
		hang.Store(true)
		request.Timeout = 50 * time.Millisecond
		if answer := look.Look(t.Context(), request); answer.Fault != monitor.FaultTimeout {
			t.Fatalf("got %q, want %q", answer.Fault, monitor.FaultTimeout)
		}
		hang.Store(false)
		request.Timeout = 5 * time.Second
		if answer := look.Look(t.Context(), request); answer.Fault != "" || answer.Connect == 0 || made.Load() != 2 {
			t.Fatalf("got %+v over %d connections, want an answer over the second", answer, made.Load())
		}
	})
	t.Run("one that the peer has closed does no harm", func(t *testing.T) {
		t.Parallel()
		address := raw(t, func(conn net.Conn) { // answers once, promises to stay, and goes
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		})
		look := newHTTP(t, probe.HTTPOptions{})
		for range 20 {
			if answer := look.Look(t.Context(), get("http://"+address)); answer.Fault != "" {
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
	look := func(path, method, body string, redirects int) probe.Answer {
		request := get(server.URL + path)
		request.Endpoint, request.Method, request.Body, request.Redirects = path+method, method, body, redirects
		request.Headers = map[string]string{"X-Key": "k", "Authorization": "Bearer t"}
		return newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), request)
	}
	if answer := look("/2", http.MethodGet, "", 0); answer.Status != http.StatusFound || answer.Fault != "" {
		t.Errorf("without redirects: got %d %q, want the first answer", answer.Status, answer.Fault)
	}
	if answer := look("/2", http.MethodGet, "", 2); answer.Status != http.StatusOK || answer.Headers.Get("X-Key") != "k" {
		t.Errorf("as many as allowed: got %d with key %q, want the last answer", answer.Status, answer.Headers.Get("X-Key"))
	}
	if answer := look("/3", http.MethodGet, "", 2); answer.Fault != monitor.FaultRedirects {
		t.Errorf("one too many: got %d %q, want %q", answer.Status, answer.Fault, monitor.FaultRedirects)
	}
	if answer := look("/away", http.MethodGet, "", 1); answer.Fault != "" || answer.Status != http.StatusOK {
		t.Errorf("to another host: got %d %q, want its answer", answer.Status, answer.Fault)
	}
	want := http.Header{"User-Agent": {"api-endpoint-monitor/1"}}
	if diff := cmp.Diff(want, elsewhere); diff != "" {
		t.Errorf("the other host was told (-want +got):\n%s", diff)
	}
	if answer := look("/keep", http.MethodPost, "s3cr3t", 1); answer.Fault != monitor.FaultRedirects || !strings.Contains(answer.Reason, "body to another host") {
		t.Errorf("a body to another host: got %d %q %q, want a fault", answer.Status, answer.Fault, answer.Reason)
	}
}

// raw serves each connection with handle, then closes it.
func raw(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestHTTPFaults(t *testing.T) {
	t.Parallel()
	request := func(conn net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(conn)) }
	tests := map[string]struct {
		answer func(net.Conn)
		fault  monitor.Fault
		reason string
	}{
		"a connection that is cut before the answer": {func(conn net.Conn) { request(conn) }, monitor.FaultReset, "cut while waiting for the answer"},
		"a connection that is cut within the body": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
		}, monitor.FaultReset, "cut while reading the answer"},
		"a connection that is reset": {func(conn net.Conn) {
			request(conn)
			_ = conn.(*net.TCPConn).SetLinger(0)
		}, monitor.FaultReset, "cut while waiting for the answer"},
		"an answer that is no HTTP": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n\r\n")
		}, monitor.FaultProtocol, "no HTTP"},
		"headers without end": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			_, _ = conn.Write(bytes.Repeat([]byte("X-Fill: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), 10_000))
		}, monitor.FaultProtocol, "no HTTP"},
		"no answer in time": {
			func(conn net.Conn) { request(conn); _, _ = conn.Read(make([]byte, 1)) },
			monitor.FaultTimeout, "no whole answer within 300ms: time ran out while waiting for the answer",
		},
		"half an answer in time": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
			_, _ = conn.Read(make([]byte, 1))
		}, monitor.FaultTimeout, "time ran out while reading the answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := get("http://" + raw(t, test.answer) + "/?token=s3cr3t")
			asked.Timeout = 300 * time.Millisecond
			asked.KeepBody = true
			answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), asked)
			if answer.Fault != test.fault || !strings.Contains(answer.Reason, test.reason) {
				t.Fatalf("got %q %q, want %q %q", answer.Fault, answer.Reason, test.fault, test.reason)
			}
			if strings.Contains(answer.Reason, "s3cr3t") {
				t.Fatalf("got %q, want no part of the URL", answer.Reason)
			}
			if answer.Took <= 0 {
				t.Fatalf("got %s, want the time up to the fault", answer.Took)
			}
		})
	}
	t.Run("a port where nobody listens", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		_ = listener.Close()
		answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get("http://"+address))
		if answer.Fault != monitor.FaultRefused || !strings.Contains(answer.Reason, address) {
			t.Fatalf("got %q %q, want %q at %s", answer.Fault, answer.Reason, monitor.FaultRefused, address)
		}
	})
	t.Run("a name that does not resolve", func(t *testing.T) {
		t.Parallel()
		answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get("http://shop..example/"))
		if answer.Fault != monitor.FaultDNS || answer.Reason != "the name shop..example does not resolve" {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultDNS)
		}
	})
	t.Run("a host without a way to it", func(t *testing.T) {
		t.Parallel()
		answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get("http://224.0.0.1/"))
		if answer.Fault != monitor.FaultUnreachable {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultUnreachable)
		}
	})
	t.Run("an observer without files left", func(t *testing.T) {
		t.Parallel()
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOutOfFiles$", "-test.v")
		command.Env = append(os.Environ(), "PROBE_TEST_URL=http://127.0.0.1:1/")
		output, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(output), "fault=observer reason=the observer cannot open a connection: too many open files") {
			t.Fatalf("got %v\n%s, want the observer's own fault", err, output)
		}
	})
	t.Run("a request that cannot be made is the observer's own fault", func(t *testing.T) {
		t.Parallel()
		for _, url := range []string{"http://a b/", "http:///x", "%"} {
			answer := newHTTP(t, probe.HTTPOptions{}).Look(t.Context(), get(url))
			if answer.Fault != monitor.FaultSecret {
				t.Fatalf("got %q %q for %q, want %q", answer.Fault, answer.Reason, url, monitor.FaultSecret)
			}
		}
	})
}

// TestOutOfFiles is run by TestHTTPFaults in a process of its own, which it
// leaves without files.
func TestOutOfFiles(t *testing.T) {
	url := os.Getenv("PROBE_TEST_URL")
	if url == "" {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		t.Fatal(err)
	}
	look := newHTTP(t, probe.HTTPOptions{})
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		defer func() { _ = file.Close() }()
	}
	answer := look.Look(t.Context(), get(url))
	t.Logf("fault=%s reason=%s", answer.Fault, answer.Reason)
}
