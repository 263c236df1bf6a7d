package look

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// idle is how long an unused connection of net/http stays open.
const idle = 90 * time.Second

// browse looks at the endpoint with net/http.
func (h *HTTP) browse(ctx context.Context, r *Request, l *line, start time.Time, into *Answer) {
	ctx, cancel := context.WithDeadline(ctx, start.Add(r.Timeout))
	defer cancel()
	t := l.ready
	if l.ready = nil; t == nil {
		t = newTrace()
	}
	defer t.drop()
	request, err := h.request(httptrace.WithClientTrace(traced(ctx, t), t.hooks()), r)
	if err != nil {
		*into = unmakeable(err)
		return
	}
	if err := h.lead(l, request.URL, r); err != nil {
		*into = unmakeable(err)
		return
	}
	l.clear()
	if l.transport == nil {
		l.transport = h.transport(l.route)
	}
	if h.aged(l.connected, start) || !repeatable(r.Method) || t.holds() {
		l.transport.CloseIdleConnections()
	}
	answer, err := fetch(l.transport, request, r)
	end := time.Now()
	*into = answer
	into.Phases = t.phases(end)
	if made := t.connectedAt(); !made.IsZero() {
		l.connected = h.since(made)
	}
	if err != nil {
		l.spoil()
		l.blame(err, t, start, r, into)
		return
	}
	inflate(r, into)
}

// blame fills the answer with what went wrong.
func (l *line) blame(err error, t *trace, start time.Time, r *Request, into *Answer) {
	into.Fault, into.Reason = classify(err, t.stage(), start, r.Timeout)
	t.explain(into)
	l.stood(t, r)
	if into.Fault == monitor.FaultProxy {
		return
	}
	into.Certificate = max(into.Certificate, certificateOf(err))
	if proxy := l.route.proxyAt; proxy != "" && !strings.Contains(into.Reason, proxy) {
		into.Reason += " (through the proxy " + proxy + ")"
	}
}

// transport returns net/http's client along a route.
func (h *HTTP) transport(to *route) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return h.dial(ctx, to, address, false)
		},
		DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			if held := traceOf(ctx).hand(address); held != nil {
				return held, nil
			}
			return h.dial(ctx, to, address, true)
		},
		Proxy: func(request *http.Request) (*url.URL, error) {
			if request.URL.Scheme != "http" {
				return nil, nil // dial has the proxy open a tunnel
			}
			return to.proxyURL, nil
		},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           4,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// spoil sees to it that the connections of net/http are not used again.
func (l *line) spoil() {
	l.clear()
	l.spent, l.transport = l.transport, nil
	if l.spent != nil {
		l.spent.CloseIdleConnections()
	}
}

func (l *line) clear() {
	if l.spent != nil {
		l.spent.CloseIdleConnections()
		l.spent = nil
	}
}

// fetch sends the request and reads the answer whole, as far as MaxBody.
func fetch(transport *http.Transport, request *http.Request, r *Request) (Answer, error) {
	response, err := send(transport, request, r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	answer := Answer{
		Status: response.StatusCode, Headers: response.Header,
		Type: response.Header.Get("Content-Type"), Encoding: response.Header.Get("Content-Encoding"),
	}
	switch {
	case response.Request.URL.Scheme == "https":
		answer.Certificate = certificateIn(response.TLS)
	case answer.Status == http.StatusProxyAuthRequired && r.Proxy != nil:
		return answer, &proxyError{proxy: r.Proxy.Address, refusal: noCredentials}
	}
	limited := io.LimitReader(response.Body, MaxBody+1)
	if r.KeepBody {
		answer.Body, err = io.ReadAll(limited)
		answer.Bytes = int64(len(answer.Body))
		answer.Body = answer.Body[:min(len(answer.Body), MaxBody)]
		answer.Head = answer.Body[:min(len(answer.Body), len(r.Head))]
	} else {
		answer.Head, answer.Bytes, err = skim(limited, r.Head)
	}
	answer.Truncated = answer.Bytes > MaxBody
	answer.Bytes = min(answer.Bytes, MaxBody)
	return answer, err
}

// skim reads a body to its end and keeps its beginning in head.
func skim(body io.Reader, head []byte) (kept []byte, size int64, err error) {
	for len(kept) < len(head) {
		n, err := body.Read(head[len(kept):])
		kept = head[:len(kept)+n]
		if err == io.EOF {
			return kept, int64(len(kept)), nil
		}
		if err != nil {
			return kept, int64(len(kept)), err
		}
	}
	size, err = io.Copy(io.Discard, body)
	return kept, size + int64(len(kept)), err
}

// inflate unpacks a body that will be looked at, MaxBody of it at most. One
// that is no gzip stays as it is, and the expectations say that it is wrong.
func inflate(r *Request, into *Answer) {
	if !r.KeepBody || !strings.EqualFold(into.Encoding, "gzip") {
		return
	}
	reader, err := gzip.NewReader(bytes.NewReader(into.Body))
	if err != nil {
		return
	}
	plain, err := io.ReadAll(io.LimitReader(reader, MaxBody+1))
	if err == nil {
		into.Truncated = len(plain) > MaxBody
		into.Body = plain[:min(len(plain), MaxBody)]
	}
}

func send(transport *http.Transport, request *http.Request, r *Request) (*http.Response, error) {
	if r.Redirects == 0 {
		return transport.RoundTrip(request)
	}
	jar, _ := cookiejar.New(nil) // it never fails
	client := http.Client{Transport: transport, CheckRedirect: follow(r), Jar: jar}
	return client.Do(request)
}

// follow returns the rule for redirects: not too many, and what belongs to the
// endpoint (its headers, its body, its address) is told to no other host.
func follow(r *Request) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if len(via) > r.Redirects {
			return errRedirects
		}
		next.Header.Del("Referer")
		first := via[0].URL
		if next.URL.Scheme == first.Scheme && next.URL.Host == first.Host {
			return nil
		}
		if next.Body != nil && next.Body != http.NoBody {
			return errBodyElsewhere
		}
		for name := range r.Headers {
			next.Header.Del(name)
		}
		next.Header.Del("Authorization")
		next.Header.Set("User-Agent", defaultAgent)
		return nil
	}
}

var (
	errRedirects     = errors.New("too many redirects")
	errBodyElsewhere = errors.New("the answer redirects the request's body to another host, which is not followed")
)
