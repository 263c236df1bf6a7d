package look_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// BenchmarkLook makes one check on a kept connection; the server's share of
// the time is in it.
func BenchmarkLook(b *testing.B) {
	eye, err := look.New(look.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer eye.Close()
	request := get(cheap(b))
	request.Revision = 1
	b.ReportAllocs()
	flight := &look.Flight{}
	for b.Loop() {
		if !flight.Renew() {
			flight = &look.Flight{} // the first one has made the connection
		}
		if answer := eye.Look(flight, request); answer.Fault != "" {
			b.Fatal(answer.Reason)
		}
	}
}

// cheap is a server that answers every read with the same bytes, and does not
// allocate.
func cheap(t testing.TB) (url string) {
	t.Helper()
	return speak(t, func(conn net.Conn) {
		buffer, answer := make([]byte, 1<<10), []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		for {
			if _, err := conn.Read(buffer); err != nil {
				return
			}
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
	})
}

// speak is a server that does as it likes with each connection.
func speak(t testing.TB, serve func(net.Conn)) (url string) {
	t.Helper()
	return "http://" + raw(t, serve)
}

// TestLookAllocates holds a look on a kept connection to allocating nothing.
func TestLookAllocates(t *testing.T) {
	eye, request := newHTTP(t, look.Options{}), get(cheap(t))
	request.Revision, request.Head = 1, make([]byte, 16)
	fault := monitor.FaultNone
	flight := &look.Flight{}
	allocations := testing.AllocsPerRun(200, func() {
		if !flight.Renew() {
			flight = &look.Flight{} // the first one has made the connection
		}
		if answer := eye.Look(flight, request); answer.Fault != "" {
			fault = answer.Fault
		}
	})
	if fault != "" || allocations >= 1 {
		t.Fatalf("got the fault %q and %v allocations a look, want none", fault, allocations)
	}
}

// TestLookAgain holds a look to being made again where the peer had closed the
// kept connection before it, and never where it may have seen the request.
func TestLookAgain(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	tests := map[string]struct {
		second string // what comes for the second request of a connection, before its end
		want   monitor.Fault
		seen   int64 // requests for two looks
	}{
		"nothing comes":     {"", monitor.FaultNone, 3},
		"a beginning comes": {"HTTP/1.1 2", monitor.FaultReset, 2},
		"a farewell comes":  {"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", monitor.FaultNone, 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			url := speak(t, func(conn net.Conn) {
				for _, says := range []string{answer, test.second} {
					if _, err := conn.Read(make([]byte, 1<<10)); err != nil {
						return
					}
					seen.Add(1)
					_, _ = io.WriteString(conn, says)
				}
			})
			eye := newHTTP(t, look.Options{})
			if first := eye.Look(t.Context(), get(url)); first.Fault != "" {
				t.Fatal(first.Reason)
			}
			second := eye.Look(t.Context(), get(url))
			if second.Fault != test.want || second.Status == http.StatusRequestTimeout || seen.Load() != test.seen {
				t.Fatalf("got %q and %d requests, want %q and %d", second.Fault, seen.Load(), test.want, test.seen)
			}
		})
	}
}

// TestLookUnusual holds answers that the plain client does not read to being
// read all the same, and such endpoints to being asked once a look from then on.
func TestLookUnusual(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a body up to the connection's end": "HTTP/1.1 200 OK\r\n\r\nfine",
		"HTTP/1.0":                          "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
		"an early hint":                     "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine",
		"trailers":                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n4\r\nfine\r\n0\r\nX: y\r\n\r\n",
		"a folded header":                   "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 4\r\n\r\nfine",
	}
	for name, says := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int64
			url := speak(t, func(conn net.Conn) {
				if _, err := conn.Read(make([]byte, 1<<10)); err == nil {
					seen.Add(1)
					_, _ = io.WriteString(conn, says)
				}
			})
			eye, request := newHTTP(t, look.Options{}), get(url)
			request.KeepBody = true
			for i := range 3 {
				answer := eye.Look(t.Context(), request)
				if answer.Fault != "" || answer.Status != http.StatusOK || string(answer.Body) != "fine" {
					t.Fatalf("look %d: got %d %q %q %s, want the answer", i, answer.Status, answer.Body, answer.Fault, answer.Reason)
				}
			}
			if seen.Load() != 4 {
				t.Fatalf("got %d requests for three looks, want one more, from when the answer was a surprise", seen.Load())
			}
		})
	}
}

func TestLookAtHTTP2(t *testing.T) {
	t.Parallel()
	server, made := counting(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })
	server.EnableHTTP2 = true
	server.StartTLS()
	eye, request := newHTTP(t, look.Options{Roots: roots(server)}), get(server.URL)
	request.KeepBody = true
	for i := range 3 {
		answer := eye.Look(t.Context(), request)
		if answer.Fault != "" || string(answer.Body) != "HTTP/2.0" || answer.Certificate == 0 {
			t.Fatalf("got %q %s, want HTTP/2", answer.Body, answer.Reason)
		}
		if (answer.TLS > 0) != (i == 0) {
			t.Fatalf("look %d took %d µs for TLS, want that of the first alone", i, answer.TLS)
		}
	}
	if made.Load() != 1 {
		t.Fatalf("got %d connections, want one that is handed on and kept", made.Load())
	}
}

func TestLookUnpacks(t *testing.T) {
	t.Parallel()
	answers := map[string][]byte{ // packed beforehand: a slow machine takes long for it
		"/":     pack(t, []byte(`{"status":"ok"}`)),
		"/bomb": pack(t, make([]byte, 16*look.MaxBody)),
	}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(answers[r.URL.Path])
	})
	for path, want := range map[string]int{"/": 15, "/bomb": look.MaxBody} {
		for _, redirects := range []int{0, 1} {
			request := get(server.URL + path)
			request.Endpoint, request.KeepBody, request.Redirects = path, true, redirects
			answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
			if answer.Fault != "" || len(answer.Body) != want || answer.Truncated != (path == "/bomb") {
				t.Fatalf("%s: got %d bytes, truncated %v, %s, want %d", path, len(answer.Body), answer.Truncated, answer.Reason, want)
			}
		}
	}
}

func pack(t *testing.T, body []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(body); err != nil {
		t.Fatal(err)
	}
	check(t, writer.Close())
	return packed.Bytes()
}

// TestLookTellsWhatIsLost holds a connection that its peer closes while nobody
// looks to being told, once, and one that is closed by us or in use to silence.
func TestLookTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close")
		}
		_, _ = io.WriteString(w, "ok")
	})
	told := make(chan string, 10)
	eye := newHTTP(t, look.Options{})
	eye.OnLost(func(endpoint, location string) { told <- endpoint + "@" + location })
	for _, name := range []string{"a", "last", "b"} {
		request := get(server.URL + "/" + name)
		request.Endpoint = "shop/" + name
		if answer := eye.Look(t.Context(), request); answer.Fault != "" {
			t.Fatal(answer.Reason)
		}
	}
	server.CloseClientConnections()
	got := map[string]bool{<-told: true, <-told: true}
	if !got["shop/a@local"] || !got["shop/b@local"] || len(told) > 0 {
		t.Fatalf("got %v and %d more, want a and b", got, len(told))
	}
	request := get(server.URL + "/a")
	request.Endpoint = "shop/a"
	if answer := eye.Look(t.Context(), request); answer.Fault != "" || answer.Connect == 0 {
		t.Fatalf("got %q and %d µs to connect, want an answer over a new connection", answer.Fault, answer.Connect)
	}
}

// TestLookFresh holds a look that asks for a connection of its own to getting
// one, whichever client looks, and the one that it makes to being kept.
func TestLookFresh(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, connections := counting(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
			server.EnableHTTP2 = http2
			server.StartTLS()
			eye, request := newHTTP(t, look.Options{Roots: roots(server)}), get(server.URL)
			made := ""
			for _, fresh := range []bool{false, false, true, true, false} {
				before := connections.Load()
				request.Fresh = fresh
				if answer := eye.Look(t.Context(), request); answer.Fault != "" {
					t.Fatal(answer.Reason)
				}
				made += strconv.FormatInt(connections.Load()-before, 10)
			}
			if made != "10110" {
				t.Fatalf("got %s connections made, want 10110", made)
			}
		})
	}
}

// TestLookAtAnotherAddress holds a kept connection to the address it was made
// for: what is meant for another one, with its secrets, does not go there.
func TestLookAtAnotherAddress(t *testing.T) {
	t.Parallel()
	eye := newHTTP(t, look.Options{})
	for _, name := range []string{"the first", "the second"} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) })
		for range 2 {
			request := get(server.URL)
			request.KeepBody = true
			if answer := eye.Look(t.Context(), request); string(answer.Body) != name {
				t.Fatalf("got %q %s, want the answer of %s", answer.Body, answer.Reason, name)
			}
		}
	}
}

// TestLookIsRedirectedOverHTTP2 holds a connection that is handed on to
// net/http to the host that it leads to.
func TestLookIsRedirectedOverHTTP2(t *testing.T) {
	t.Parallel()
	start := func(handle http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(handle)
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	last := start(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	first := start(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, last.URL, http.StatusFound) })
	eye, request := newHTTP(t, look.Options{Roots: roots(last)}), get(first.URL)
	request.KeepBody, request.Redirects = true, 1
	for range 2 {
		answer := eye.Look(t.Context(), request)
		if answer.Fault != "" || string(answer.Body) != last.Listener.Addr().String() {
			t.Fatalf("got %q %s, want the answer of the other host", answer.Body, answer.Reason)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"HTTPS://u:p@shop.example/a?b#c": "shop.example:443",
		"http://shop.example:8080":       "shop.example:8080",
		"https://bücher.example":         "xn--bcher-kva.example:443",
		"https://BÜCHER.example:8443":    "xn--bcher-kva.example:8443",
		"https://xn--bcher-kva.example":  "xn--bcher-kva.example:443",
		"http://[fe80::1%25eth0]:80/":    "[fe80::1%eth0]:80",
		"http://_a.example":              "_a.example:80",
	} {
		if got := look.Address(t, url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}
