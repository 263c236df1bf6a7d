package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// HTTP looks at endpoints over HTTP/1.1 and, where TLS offers it, HTTP/2. It
// goes straight to the host that the URL names, whatever proxy the environment
// speaks of. See lines for how it keeps connections.
type HTTP struct {
	agent string
	lines *lines
	turns *turns
}

// HTTPOptions are the choices of an HTTP look. All have defaults.
type HTTPOptions struct {
	Fresh     time.Duration  // the age from which a connection is not used again; 0: 60 s
	UserAgent string         // where the endpoint's headers give none; "": api-endpoint-monitor/1
	Roots     *x509.CertPool // the trusted authorities; nil: the system's
}

const defaultAgent = "api-endpoint-monitor/1"

// NewHTTP returns an HTTP look. Its Look method is one.
func NewHTTP(options HTTPOptions) *HTTP {
	h := &HTTP{agent: options.UserAgent, turns: newTurns()}
	if h.agent == "" {
		h.agent = defaultAgent
	}
	if options.Fresh <= 0 {
		options.Fresh = time.Minute
	}
	h.lines = newLines(options.Fresh, &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12})
	return h
}

// Close gives up all kept connections. Looks in flight go on.
func (h *HTTP) Close() { h.lines.close() }

// Look makes the request; it is a Look.
func (h *HTTP) Look(ctx context.Context, r *Request) Answer {
	t := newTrace(time.Now())
	h.turns.mark(t.start)
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	request, err := h.request(httptrace.WithClientTrace(ctx, t.hooks()), r)
	if err != nil {
		return Answer{Fault: monitor.FaultSecret, Reason: "the request cannot be made: check the URL, the headers and the secrets in them"}
	}
	transport := h.lines.open(r, t.start)
	answer, err := exchange(transport, request, r)
	end := time.Now()
	if err != nil {
		h.lines.spoil(r)
		answer.Fault, answer.Reason = t.classify(err, r.Timeout)
		answer.Certificate = max(answer.Certificate, certificateOf(err))
	}
	answer.Took, answer.Phases = end.Sub(t.start), t.phases(end)
	if answer.Fault == monitor.FaultTimeout {
		h.doubt(&answer, r, t.start, end)
	}
	h.lines.connected(r, t)
	return answer
}

// doubt makes a timeout the observer's own fault where this process was so
// busy that it says nothing of the endpoint: a look takes about eight turns of
// goroutines, and each of them may have waited for a tenth of the timeout.
func (h *HTTP) doubt(answer *Answer, r *Request, start, end time.Time) {
	late := max(h.turns.wait(start, end), answer.Took-r.Timeout)
	if late < max(r.Timeout/10, leastLate) {
		return
	}
	answer.Fault = monitor.FaultObserver
	answer.Reason = fmt.Sprintf("no whole answer within %s, but the observer was too busy to tell: its own steps came up to %s late",
		monitor.Duration(r.Timeout), monitor.Duration(late.Round(time.Millisecond)))
}

// leastLate is what any process may be late by.
const leastLate = 20 * time.Millisecond

func (h *HTTP) request(ctx context.Context, r *Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return nil, err
	}
	if request.URL.Host == "" {
		return nil, errors.New("the URL names no host")
	}
	request.Header.Set("User-Agent", h.agent)
	for name, value := range r.Headers {
		if strings.EqualFold(name, "Host") {
			request.Host = value
			continue
		}
		if !validHeader(value) {
			return nil, errHeader
		}
		request.Header.Set(name, value)
	}
	if user := request.URL.User; user != nil && request.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	return request, nil
}

var errHeader = errors.New("a header holds a control character")

// validHeader tells whether a value can be sent (RFC 9110, section 5.5). A
// secret of several lines cannot; to the transport that looks like a fault of
// the endpoint.
func validHeader(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// exchange sends the request and reads the answer whole, as far as MaxBody.
func exchange(transport *http.Transport, request *http.Request, r *Request) (Answer, error) {
	response, err := send(transport, request, r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	answer := Answer{Status: response.StatusCode, Headers: response.Header, Certificate: certificateIn(response.TLS)}
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

func send(transport *http.Transport, request *http.Request, r *Request) (*http.Response, error) {
	if r.Redirects == 0 {
		return transport.RoundTrip(request)
	}
	client := http.Client{Transport: transport, CheckRedirect: follow(r)}
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

// certificateIn returns when the first of the peer's certificates ends.
func certificateIn(state *tls.ConnectionState) monitor.Instant {
	if state == nil {
		return 0
	}
	return firstEnd(state.PeerCertificates)
}

func firstEnd(certificates []*x509.Certificate) monitor.Instant {
	if len(certificates) == 0 {
		return 0
	}
	ends := make([]monitor.Instant, len(certificates))
	for i, certificate := range certificates {
		ends[i] = monitor.At(certificate.NotAfter)
	}
	return slices.Min(ends)
}
