package look

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// HTTP looks at endpoints over HTTP/1.1 and, where TLS offers it, HTTP/2. It
// goes straight to the host that the URL names, or where the request says,
// whatever proxy the environment speaks of. See lines for how it keeps connections.
type HTTP struct {
	agent   string
	fresh   time.Duration
	secure  *tls.Config
	lost    func(endpoint, location string)
	dialer  *dialer
	lines   *lines
	turns   *turns
	watch   *watch
	buffers http1.Buffers
}

// Options are the choices of an HTTP look. All have defaults.
type Options struct {
	Fresh     time.Duration  // the age from which a connection is not used again; 0: 60 s
	UserAgent string         // where the endpoint's headers give none; "": api-endpoint-monitor/1
	Roots     *x509.CertPool // the trusted authorities; nil: the system's
	Attempts  int            // connections that may be in the making to one IP address and port at once; 0: any number
}

const defaultAgent = "api-endpoint-monitor/1"

// New returns an HTTP look. Its error says that the system has no room for it.
func New(options Options) (*HTTP, error) {
	h := &HTTP{
		agent: options.UserAgent, fresh: options.Fresh,
		secure: &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{http2, "http/1.1"}},
		dialer: newDialer(options.Attempts), lines: newLines(), turns: newTurns(),
	}
	if h.agent == "" {
		h.agent = defaultAgent
	}
	if h.fresh <= 0 {
		h.fresh = time.Minute
	}
	h.lost = func(string, string) {}
	var err error
	h.watch, err = newWatch()
	return h, err
}

// OnLost has somebody told when the peer has closed the kept connection of an
// endpoint at which nobody is looking. It must be called before the first look,
// and what is told must not wait. Only on Linux it ever is.
func (h *HTTP) OnLost(told func(endpoint, location string)) { h.lost = told }

// Close gives up all kept connections. Looks in flight go on.
func (h *HTTP) Close() {
	h.lines.close()
	h.watch.close()
}

// Look makes one request and says what came back. It never fails: what went
// wrong is the answer's fault. It gives up when the request's timeout is over
// or ctx ends; what it returns in the second case is not to be used.
func (h *HTTP) Look(ctx context.Context, r *Request) Answer {
	start := time.Now()
	h.turns.mark(start)
	l := h.lines.take(r, start)
	defer h.lines.give(l)
	defer l.forget(r)
	if r.Fresh {
		l.close()
	}
	var answer Answer
	if !l.plain(r, start) {
		h.browse(ctx, r, l, start, &answer)
	} else if err := h.exchange(ctx, r, l, start, &answer); err != nil {
		l.unusual(start)
		h.browse(ctx, r, l, start, &answer)
	} else {
		l.odd = 0
	}
	answer.Took = time.Since(start)
	if answer.Fault == monitor.FaultTimeout {
		h.doubt(&answer, r, l.late, start)
	}
	return answer
}

// doubt makes a timeout the observer's own fault where this process was so
// busy that it says nothing of the endpoint: where it is known how it was late,
// or where turns came late, of which a look takes about eight, and each may have
// waited for a tenth of the timeout.
func (h *HTTP) doubt(answer *Answer, r *Request, how string, start time.Time) {
	late := max(h.turns.wait(start, start.Add(answer.Took)), answer.Took-r.Timeout)
	switch {
	case how != "":
	case late >= max(r.Timeout/10, leastLate):
		how = "its own steps came up to " + monitor.Duration(late.Round(time.Millisecond)).String() + " late"
	default:
		return
	}
	answer.Fault = monitor.FaultObserver
	answer.Reason = fmt.Sprintf("no whole answer within %s, but the observer was too busy to tell: %s", monitor.Duration(r.Timeout), how)
}

// leastLate is what any process may be late by.
const leastLate = 20 * time.Millisecond

// Repeatable tells whether the request may be made a second time beside a first
// one, as it changes nothing.
func (r *Request) Repeatable() bool { return repeatable(r.Method) && r.Body == "" }

// repeatable tells whether a request may be sent again unseen (RFC 9110 §9.2.1).
func repeatable(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}

// aged tells whether what was made then is to be made afresh for a look now. A
// look that is a little early must not put that off to the next.
func (h *HTTP) aged(made, now time.Time) bool { return now.Sub(made) >= h.fresh-h.fresh/20 }

// since returns from when on the age of what is made at made is counted: up to a
// quarter of fresh earlier, never the same. What was made together, as at a
// start, is thus not made afresh together.
func (h *HTTP) since(made time.Time) time.Time { return made.Add(-rand.N(h.fresh/4 + 1)) }

// tlsFor returns how TLS is agreed on with a host.
func (h *HTTP) tlsFor(host string) *tls.Config {
	config := h.secure.Clone()
	config.ServerName = host
	return config
}

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
