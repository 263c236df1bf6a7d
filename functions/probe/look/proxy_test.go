package look_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// gate is a proxy that leads every host to one address.
type gate struct {
	*httptest.Server
	proxy   monitor.Proxy
	to      string // host:port
	refuses int    // the status that every CONNECT gets; 0: it is carried out

	mu    sync.Mutex
	asked []string // what was asked for, and with which credentials
}

const credentials = "Basic dXNlcjpwOkBzcw==" // user and p:@ss

// newGate returns a proxy to the server, which one asks over TLS, if there is an
// authority for it.
func newGate(t *testing.T, to *httptest.Server, secure *authority) *gate {
	t.Helper()
	g := &gate{to: to.Listener.Addr().String()}
	if secure != nil {
		g.Server = secure.serve(g.handle, func(server *httptest.Server) { server.EnableHTTP2 = true }, "127.0.0.1")
	} else {
		g.Server = httptest.NewServer(http.HandlerFunc(g.handle))
		t.Cleanup(g.Close)
	}
	g.proxy = monitor.Proxy{Secure: secure != nil, Address: g.Listener.Addr().String(), User: "user", Password: "p:@ss"}
	return g
}

func (g *gate) handle(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.asked = append(g.asked, r.Method+" "+r.RequestURI)
	g.mu.Unlock()
	switch {
	case r.Header.Get("Proxy-Authorization") != credentials:
		w.WriteHeader(http.StatusProxyAuthRequired)
	case r.Method != http.MethodConnect:
		forward := httputil.ReverseProxy{ErrorLog: quiet(), Rewrite: func(out *httputil.ProxyRequest) {
			out.Out.URL.Host, out.Out.Host = g.to, out.In.Host
		}}
		forward.ServeHTTP(w, r)
	case g.refuses != 0:
		w.WriteHeader(g.refuses)
	default:
		g.carry(w)
	}
}

// carry hands bytes to and fro until one side ends.
func (g *gate) carry(w http.ResponseWriter) {
	back, err := net.Dial("tcp", g.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	conn, buffered, _ := w.(http.Hijacker).Hijack()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { // until the look's side ends
		_, _ = io.Copy(back, buffered)
		_ = back.Close()
	}()
	_, _ = io.Copy(conn, back)
	_ = conn.Close()
}

func (g *gate) requests() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.asked...)
}

// TestProxy holds looks to going through the proxy of the definition, which
// alone is told the credentials.
func TestProxy(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	modern := func(server *httptest.Server) { server.EnableHTTP2 = true }
	secure := own.serve(whoAsks, nil, "shop.example")
	tests := map[string]struct {
		server *httptest.Server
		gate   *authority
		url    string
		proto  string
		asked  []string // by the proxy, for two looks
	}{
		"an http endpoint":                     {serve(t, whoAsks), nil, "http://shop.example/a?b", "HTTP/1.1", []string{"GET http://shop.example/a?b", "GET http://shop.example/a?b"}},
		"an http endpoint, a proxy over TLS":   {serve(t, whoAsks), own, "http://shop.example/a", "HTTP/1.1", []string{"GET http://shop.example/a", "GET http://shop.example/a"}},
		"an https endpoint":                    {secure, nil, "https://shop.example/a", "HTTP/1.1", []string{"CONNECT shop.example:443"}},
		"an https endpoint, a proxy over TLS":  {secure, own, "https://shop.example/a", "HTTP/1.1", []string{"CONNECT shop.example:443"}},
		"an https endpoint with a port":        {secure, nil, "https://shop.example:8443/a", "HTTP/1.1", []string{"CONNECT shop.example:8443"}},
		"an https endpoint that speaks HTTP/2": {own.serve(whoAsks, modern, "shop.example"), nil, "https://shop.example/a", "HTTP/2.0", []string{"CONNECT shop.example:443"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gate := newGate(t, test.server, test.gate)
			eye := newHTTP(t, look.Options{Roots: own.pool()})
			for range 2 {
				request := seen(test.url)
				request.Proxy = &gate.proxy
				answer := eye.Look(t.Context(), request)
				if answer.Fault != "" || answer.Headers.Get("X-Proto") != test.proto || !strings.HasPrefix(answer.Headers.Get("X-Host"), "shop.example") {
					t.Fatalf("got %v %q %q, want an answer over %s", answer.Headers, answer.Fault, answer.Reason, test.proto)
				}
				if got := answer.Headers.Get("X-Credentials"); got != "" {
					t.Fatalf("got the credentials at the endpoint: %s", got)
				}
				if https := strings.HasPrefix(test.url, "https"); (answer.Certificate != 0) != https {
					t.Fatalf("got a certificate until %d, want the endpoint's", answer.Certificate)
				}
			}
			if diff := cmp.Diff(test.asked, gate.requests()); diff != "" {
				t.Fatalf("the proxy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProxyFaults holds a proxy that is no way to the endpoint to being named
// as the one at fault, and an endpoint behind it to its own faults.
func TestProxyFaults(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	plain, secure := serve(t, whoAsks), own.serve(whoAsks, nil, "shop.example")
	gateTo := func(server *httptest.Server, change func(*gate)) monitor.Proxy {
		g := newGate(t, server, nil)
		change(g)
		return g.proxy
	}
	wrongPassword := func(g *gate) { g.proxy.Password = "other" }
	nothing := func(*gate) {}
	speaking := func(text string) monitor.Proxy {
		address := raw(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4<<10))
			_, _ = io.WriteString(conn, text)
		})
		return monitor.Proxy{Address: address}
	}
	tests := map[string]struct {
		proxy  monitor.Proxy
		url    string
		fault  monitor.Fault
		reason string // after the proxy's address
	}{
		"nothing listens":                {monitor.Proxy{Address: closed}, "https://shop.example", monitor.FaultProxy, " could not be used: the connection was refused at "},
		"nothing listens, for http":      {monitor.Proxy{Address: closed}, "http://shop.example", monitor.FaultProxy, " could not be used: the connection was refused at "},
		"its name does not resolve":      {monitor.Proxy{Address: "proxy.invalid:3128"}, "https://shop.example", monitor.FaultProxy, " could not be used: the name proxy.invalid"},
		"wrong credentials":              {gateTo(secure, wrongPassword), "https://shop.example", monitor.FaultProxy, " did not let the check through: it answered 407"},
		"wrong credentials, for http":    {gateTo(plain, wrongPassword), "http://shop.example", monitor.FaultProxy, " did not let the check through: it answered 407"},
		"it does not lead there":         {gateTo(secure, func(g *gate) { g.refuses = 403 }), "https://shop.example", monitor.FaultProxy, " refused to connect to shop.example:443: it answered 403 Forbidden"},
		"it is not trusted":              {monitor.Proxy{Secure: true, Address: newGate(t, secure, newAuthority(t, "Third")).proxy.Address}, "https://shop.example", monitor.FaultProxy, " could not be used: the certificate is signed by an authority that is not trusted"},
		"it is no proxy":                 {speaking("220 mail.example ESMTP\r\n"), "https://shop.example", monitor.FaultProxy, " could not be used: what came back is no HTTP"},
		"it hangs up":                    {speaking(""), "https://shop.example", monitor.FaultProxy, " could not be used: the connection was cut while waiting for a way to the endpoint"},
		"it says too much":               {speaking("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 1<<20)), "https://shop.example", monitor.FaultProxy, " could not be used: "},
		"the certificate is of another":  {gateTo(secure, nothing), "https://other.example", monitor.FaultTLS, ")"},
		"the endpoint speaks no TLS":     {gateTo(plain, nothing), "https://shop.example", monitor.FaultTLS, ")"},
		"the endpoint is no HTTP server": {speaking("220 mail.example ESMTP\r\n"), "http://shop.example", monitor.FaultProtocol, ")"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := get(test.url)
			request.Proxy = &test.proxy
			answer := newHTTP(t, look.Options{Roots: own.pool()}).Look(t.Context(), request)
			if answer.Fault != test.fault || !strings.Contains(answer.Reason, "the proxy "+test.proxy.Address+test.reason) {
				t.Fatalf("got %q %q, want %q %q", answer.Fault, answer.Reason, test.fault, test.reason)
			}
			if answer.Fault == monitor.FaultProxy && answer.Certificate != 0 {
				t.Fatalf("got a certificate until %d, want none of the proxy's", answer.Certificate)
			}
		})
	}
	t.Run("one that never ends to answer is given up", func(t *testing.T) {
		t.Parallel()
		address := raw(t, func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			for range 1 << 10 {
				_, _ = io.WriteString(conn, "X: "+strings.Repeat("y", 16<<10)+"\r\n")
			}
			_, _ = io.Copy(io.Discard, conn)
		})
		request := get("https://shop.example")
		request.Proxy, request.Timeout = &monitor.Proxy{Address: address}, 20*time.Second
		if answer := lookAtRest(t, newHTTP(t, look.Options{}), request); answer.Fault != monitor.FaultProxy {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultProxy)
		}
	})
	t.Run("a silent one is where time ran out", func(t *testing.T) {
		t.Parallel()
		over := make(chan struct{}, 10)
		address := raw(t, func(conn net.Conn) {
			_, _ = io.Copy(io.Discard, conn)
			over <- struct{}{}
		})
		request := get("https://shop.example")
		request.Proxy, request.Timeout = &monitor.Proxy{Address: address}, 2*time.Second
		answer := lookAtRest(t, newHTTP(t, look.Options{}), request)
		want := "time ran out while waiting for a way to the endpoint, at the proxy " + address
		if answer.Fault != monitor.FaultTimeout || !strings.Contains(answer.Reason, want) {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, want)
		}
		select {
		case <-over:
		case <-time.After(time.Minute):
			t.Fatal("got the connection kept, want it closed")
		}
	})
}

// TestProxyItself holds what is to go over TLS to being told to nobody without
// it, also where the endpoint is the proxy's own address.
func TestProxyItself(t *testing.T) {
	t.Parallel()
	gate := newGate(t, serve(t, whoAsks), nil)
	request := get("https://" + gate.proxy.Address)
	request.Proxy, request.Headers = &gate.proxy, map[string]string{"Authorization": "Bearer s3cret"}
	if answer := newHTTP(t, look.Options{}).Look(t.Context(), request); answer.Fault != monitor.FaultTLS {
		t.Errorf("got %d %q %q, want no TLS session", answer.Status, answer.Fault, answer.Reason)
	}
	if diff := cmp.Diff([]string{"CONNECT " + gate.proxy.Address}, gate.requests()); diff != "" {
		t.Errorf("the proxy (-want +got):\n%s", diff)
	}
}

// closed is an address at which nothing listens. A port that was free a moment ago
// may be another server's by now.
const closed = "127.0.0.1:1"

// TestOtherWay holds a look to its own definition's way, whatever connection an
// earlier one has left.
func TestOtherWay(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	named := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Server", name); whoAsks(w, r) }
	}
	kinds := map[string]func(name string) *httptest.Server{
		"http://shop.example": func(name string) *httptest.Server { return serve(t, named(name)) },
		"https://shop.example": func(name string) *httptest.Server {
			return own.serve(named(name), nil, "shop.example")
		},
		"https://shop.example/2": func(name string) *httptest.Server {
			return own.serve(named(name), func(server *httptest.Server) { server.EnableHTTP2 = true }, "shop.example")
		},
	}
	for to, start := range kinds {
		servers := map[string]*httptest.Server{"a": start("a"), "b": start("b"), "c": start("c"), "d": start("d")}
		gates := map[string]*gate{"c": newGate(t, servers["c"], nil), "d": newGate(t, servers["d"], nil)}
		for name, revision := range map[string]int64{"with revisions": 1, "with secrets": 0} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				t.Run(to+" "+method+" "+name, func(t *testing.T) {
					t.Parallel()
					eye := newHTTP(t, look.Options{Roots: own.pool()})
					for i, want := range strings.Split("aabbaccddcab", "") {
						request := seen(to)
						request.Method, request.Revision = method, revision*int64(want[0])
						if gate := gates[want]; gate != nil {
							request.Proxy = &gate.proxy
						} else {
							request.Address = servers[want].Listener.Addr().String()
						}
						answer := eye.Look(t.Context(), request)
						if got := answer.Headers.Get("X-Server"); got != want {
							t.Fatalf("look %d: got an answer of %q (%q), want %q", i, got, answer.Reason, want)
						}
					}
				})
			}
		}
	}
}

// TestAddress holds a look to the address of the definition, where it asks for
// the URL's host by that one's name.
func TestAddressOfDefinition(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	other := serve(t, whoAsks)
	away := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		default:
			w.Header().Set("X-End", r.URL.Path)
			whoAsks(w, r)
		}
	}
	node := own.serve(away, nil, "shop.example")
	eye := newHTTP(t, look.Options{Roots: own.pool()})
	ask := func(path string) look.Answer {
		request := seen("https://shop.example" + path)
		request.Address, request.Redirects = node.Listener.Addr().String(), 3
		return eye.Look(t.Context(), request)
	}
	for path, end := range map[string]string{"/end": "/end", "/same": "/end"} {
		answer := ask(path)
		if answer.Headers.Get("X-Name") != "shop.example" || answer.Headers.Get("X-Host") != "shop.example" || answer.Headers.Get("X-End") != end {
			t.Errorf("%s: got %v %q, want the URL's host at the node", path, answer.Headers, answer.Reason)
		}
	}
	at, _ := url.Parse(other.URL)
	if answer := ask("/other"); answer.Headers.Get("X-Host") != at.Host {
		t.Errorf("got %v %q, want a redirect elsewhere to lead there", answer.Headers, answer.Reason)
	}
	request := get("https://shop.example")
	request.Endpoint, request.Address = "shop/b", closed
	if answer := eye.Look(t.Context(), request); answer.Fault != monitor.FaultRefused || !strings.Contains(answer.Reason, request.Address) {
		t.Errorf("got %q %q, want the address named", answer.Fault, answer.Reason)
	}
}

// TestKeptAtAddress holds looks at an address to one connection, also where it
// is net/http that takes it over.
func TestKeptAtAddress(t *testing.T) {
	t.Parallel()
	own := newAuthority(t, "Own")
	for _, modern := range []bool{false, true} {
		var made atomic.Int64
		server := own.serve(whoAsks, func(server *httptest.Server) {
			server.EnableHTTP2 = modern
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					made.Add(1)
				}
			}
		}, "shop.example")
		eye := newHTTP(t, look.Options{Roots: own.pool()})
		for i := range 3 {
			request := get("https://shop.example")
			request.Address = server.Listener.Addr().String()
			if answer := eye.Look(t.Context(), request); answer.Fault != "" || made.Load() != 1 {
				t.Fatalf("look %d, HTTP/2 %v: got %q over %d connections, want 1", i, modern, answer.Reason, made.Load())
			}
		}
	}
}
