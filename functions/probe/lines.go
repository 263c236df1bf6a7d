package probe

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// forgetLine is how long an endpoint's line stays after its last look.
const forgetLine = 10 * time.Minute

// idle is how long an unused connection stays open.
const idle = 90 * time.Second

// lines keep the connections of each endpoint apart: a line is used for one
// look at a time, is made afresh once it is as old as fresh, after a fault,
// and for requests that must not be sent twice (a kept connection may be
// closed by the peer at any moment, and then only a repeatable request can be
// saved).
type lines struct {
	fresh time.Duration
	tls   *tls.Config

	mu    sync.Mutex
	lines map[lineKey]*line
	swept time.Time
}

type lineKey struct{ endpoint, location string }

type line struct {
	transport *http.Transport
	spent     *http.Transport // of a look that met a fault; its connection may not be idle at once
	made      time.Time       // when its connection was made
	used      time.Time
}

func newLines(fresh time.Duration, config *tls.Config) *lines {
	return &lines{fresh: fresh, tls: config, lines: map[lineKey]*line{}}
}

// open returns the transport for one look.
func (l *lines) open(r *Request, now time.Time) *http.Transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	key := lineKey{r.Endpoint, r.Location}
	known := l.lines[key]
	if known == nil {
		known = &line{transport: l.transport(r.URL)}
		l.lines[key] = known
	}
	known.used = now
	known.clear()
	// A look that is a little early must not put the fresh connection off to the next.
	stale := now.Sub(known.made) >= l.fresh-l.fresh/20
	if stale || !repeatable(r.Method) {
		known.transport.CloseIdleConnections()
	}
	return known.transport
}

// spoil sees to it that the connection is not used again.
func (l *lines) spoil(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.lines[lineKey{r.Endpoint, r.Location}]; known != nil {
		known.clear()
		known.spent, known.transport = known.transport, l.transport(r.URL)
		known.spent.CloseIdleConnections()
	}
}

func (l *line) clear() {
	if l.spent != nil {
		l.spent.CloseIdleConnections()
		l.spent = nil
	}
}

// connected notes the connection that the look made.
func (l *lines) connected(r *Request, t *trace) {
	made := t.connectedAt()
	if made.IsZero() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.lines[lineKey{r.Endpoint, r.Location}]; known != nil {
		known.made = made
	}
}

func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, known := range l.lines {
		known.clear()
		known.transport.CloseIdleConnections()
		delete(l.lines, key)
	}
}

func (l *lines) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, known := range l.lines {
		if now.Sub(known.used) > forgetLine {
			known.clear()
			known.transport.CloseIdleConnections()
			delete(l.lines, key)
		}
	}
}

func (l *lines) transport(url string) *http.Transport {
	dialer := &net.Dialer{}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        l.tls,
		ForceAttemptHTTP2:      len(url) >= 6 && strings.EqualFold(url[:6], "https:"),
		DisableCompression:     true,
		MaxIdleConns:           4,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idle,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// repeatable tells whether a request may be sent again unseen (RFC 9110 §9.2.1).
func repeatable(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	default:
		return false
	}
}
