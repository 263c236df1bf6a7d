package look

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// forgetLine is how long an endpoint's line stays after its last look.
const forgetLine = 10 * time.Minute

// lines keep the connections of each endpoint apart: a line is used for one
// look at a time, is made afresh once it is as old as fresh, after a fault,
// and for requests that must not be sent twice (a kept connection may be
// closed by the peer at any moment, and then only a repeatable request can be
// saved). Whoever looks takes the line and gives it back; who comes meanwhile
// gets a line of its own, and the one that comes back first is kept.
type lines struct {
	mu     sync.Mutex
	known  map[lineKey]*line
	swept  time.Time
	closed bool
}

type lineKey struct{ endpoint, location string }

// line is the way to one endpoint. Whoever took it may touch it.
type line struct {
	lineKey
	taken    bool // guarded by the lines
	used     time.Time
	prepared *prepared
	route    *route // where the connections lead
	kept     atomic.Pointer[kept]
	ended    atomic.Bool // the look's ctx has ended
	late     string      // how the observer was late in the look whose time ran out; "": nobody knows that it was

	odd       int       // looks in a row that were not for a plain connection
	plainFrom time.Time // not before this a plain connection is tried
	transport *http.Transport
	spent     *http.Transport // of a look that met a fault; its connection may not be idle at once
	ready     *trace          // of a connection that the transport is to take over
	connected time.Time       // when the transport's connection was made

	sessions tls.ClientSessionCache
	shaken   time.Time // when TLS was last agreed on in full
}

// kept is a connection that is kept for more looks.
type kept struct {
	route       *route
	conn        *http1.Conn
	raw         net.Conn  // below TLS
	made        time.Time // from when on its age is counted
	certificate monitor.Instant
	gone        atomic.Bool // the peer has closed it
	stop        func()      // ends the watch
}

func newLines() *lines { return &lines{known: map[lineKey]*line{}} }

// take returns the endpoint's line, which nobody else uses until it is given back.
func (l *lines) take(r *Request, now time.Time) *line {
	key := lineKey{r.Endpoint, r.Location}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	found := l.known[key]
	switch {
	case found == nil:
		found = &line{lineKey: key}
		l.known[key] = found
	case found.taken:
		found = &line{lineKey: key}
	}
	found.taken, found.used = true, now
	return found
}

// give takes a line back.
func (l *lines) give(back *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.known[back.lineKey]
	switch {
	case l.closed, kept != nil && kept != back && !kept.taken:
		back.close()
		return
	case kept != back:
		l.known[back.lineKey] = back
	}
	back.taken = false
}

// idle tells whether nobody looks along the line.
func (l *lines) idle(asked *line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[asked.lineKey] == asked && !asked.taken
}

// close closes the lines that nobody looks along, and the others once they come
// back.
func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, known := range l.known {
		if !known.taken {
			known.close()
		}
	}
	clear(l.known)
}

func (l *lines) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, known := range l.known {
		if !known.taken && now.Sub(known.used) > forgetLine {
			known.close()
			delete(l.known, key)
		}
	}
}

// plain tells whether a plain connection is to be tried. Proxies are left to
// net/http. Where that was in
// vain, as with HTTP/2, it is tried again after a while, and ever more seldom.
func (l *line) plain(r *Request, now time.Time) bool {
	return repeatable(r.Method) && r.Body == "" && r.Proxy == nil && !now.Before(l.plainFrom)
}

const (
	firstAgain = time.Minute
	lastAgain  = time.Hour
)

// unusual notes that a plain connection was tried in vain.
func (l *line) unusual(now time.Time) {
	l.plainFrom = now.Add(min(firstAgain<<min(l.odd, 10), lastAgain))
	l.odd++
}

// usable tells whether there is a kept connection that can be used for the
// prepared look: the endpoint may lead elsewhere by now, and so do its secrets.
func (l *line) usable() bool {
	k := l.kept.Load()
	return k != nil && k.route == l.route && !k.gone.Load() && k.conn.Reusable()
}

// drop closes the kept connection.
func (l *line) drop() {
	if k := l.kept.Swap(nil); k != nil {
		k.stop()
		_ = k.conn.Close()
	}
}

// forget lets go of what a look was made with. A request that holds secrets has
// no revision and is not kept; those of its connections are, with the route.
func (l *line) forget(r *Request) {
	l.late = ""
	if r.Revision == 0 {
		l.prepared = nil
	}
}

func (l *line) close() {
	l.drop()
	l.spoil()
	l.clear()
}
