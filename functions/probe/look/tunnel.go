package look

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// dial connects net/http to host:port, and over TLS where that is wanted: along
// the route, or through its proxy. A redirect may lead elsewhere; there nothing
// is known of what the definition says of its own host.
func (h *HTTP) dial(ctx context.Context, to *route, address string, secure bool) (net.Conn, error) {
	t := traceOf(ctx)
	if to.proxy != nil {
		if !secure || to.proxy.Secure && address == to.proxyAt {
			return h.dialProxy(ctx, to, t)
		}
		conn, err := h.tunnel(ctx, to, address, t)
		if err != nil {
			return nil, err
		}
		return shake(ctx, conn, h.config(to, address), t)
	}
	var config *tls.Config
	if secure {
		config = h.config(to, address)
	}
	if address == to.origin {
		address = to.address
	}
	return h.dialer.dial(ctx, address, config, t)
}

// dialProxy connects to the proxy itself.
func (h *HTTP) dialProxy(ctx context.Context, to *route, t *trace) (net.Conn, error) {
	t.nameProxy(to.proxyAt)
	var config *tls.Config
	if to.proxy.Secure {
		host, _, _ := net.SplitHostPort(to.proxyAt)
		config = h.tlsFor(host)
		config.NextProtos = []string{"http/1.1"}
	}
	conn, err := h.dialer.dial(ctx, to.proxyAt, config, t)
	if err != nil {
		return nil, &proxyError{proxy: to.proxyAt, at: t.stage(), err: err}
	}
	t.nameProxy("")
	return conn, nil
}

// tunnel has the proxy connect to host:port (RFC 9110, section 9.3.6).
func (h *HTTP) tunnel(ctx context.Context, to *route, address string, t *trace) (net.Conn, error) {
	conn, err := h.dialProxy(ctx, to, t)
	if err != nil {
		return nil, err
	}
	t.nameProxy(to.proxyAt)
	t.begin(opening)
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	refusal, err := h.ask(conn, to.proxy, address)
	if err != nil || refusal != "" {
		_ = conn.Close()
		return nil, &proxyError{proxy: to.proxyAt, at: opening, err: err, refusal: refusal}
	}
	t.end(opening, &t.done.Connect)
	t.nameProxy("")
	return conn, nil
}

// ask returns why the proxy does not connect to host:port; "", if it does.
func (h *HTTP) ask(conn net.Conn, proxy *monitor.Proxy, address string) (refusal string, err error) {
	request := &http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address,
		Header: http.Header{"User-Agent": {h.agent}},
	}
	if proxy.User != "" {
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(proxy.User+":"+proxy.Password)))
	}
	if err := request.Write(conn); err != nil {
		return "", err
	}
	response, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, http1.MaxHead)), request)
	if err != nil {
		return "", err
	}
	switch {
	case response.StatusCode == http.StatusProxyAuthRequired:
		return noCredentials, nil
	case response.StatusCode/100 != 2:
		return fmt.Sprintf("refused to connect to %s: it answered %s", address, response.Status), nil
	default:
		return "", nil
	}
}

const noCredentials = "did not let the check through: it answered 407, so look at the user and the password in http.proxy"

// proxyError is why a proxy was no way to an endpoint.
type proxyError struct {
	proxy   string // host:port
	at      stage
	err     error
	refusal string // where it answered
}

// Error implements error.
func (e *proxyError) Error() string {
	if e.err == nil {
		return "the proxy " + e.proxy + " " + e.refusal
	}
	return "the proxy " + e.proxy + " could not be used: " + e.err.Error()
}

// Unwrap returns what went wrong on the way to the proxy; nil, if it answered.
func (e *proxyError) Unwrap() error { return e.err }
