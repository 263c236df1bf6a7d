package look

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// stage is how far a look has come, in words that follow "while".
type stage string

const (
	starting   stage = "starting"
	resolving  stage = "resolving the name"
	connecting stage = "connecting"
	opening    stage = "waiting for a way to the endpoint"
	shaking    stage = "agreeing on TLS"
	sending    stage = "sending the request"
	waiting    stage = "waiting for the answer"
	reading    stage = "reading the answer"
)

// trace notes when the phases of one look begin and end. Its hooks may be
// called from several goroutines, and even after the look is over.
type trace struct {
	mu        sync.Mutex
	at        stage
	began     time.Time // of the phase at hand
	done      monitor.Phases
	firstByte time.Time
	connected time.Time // when a new connection was made
	held      net.Conn  // made already, for who next wants one to heldFor
	heldFor   string    // host:port

	proxy     string        // host:port of the proxy that the stage is about; "": it is about the endpoint
	waiting   int           // attempts to connect that wait for their turn
	trying    int           // those that have it
	waitedFor string        // IP address and port that one of the first is to lead to
	since     time.Time     // when all that there were began to wait
	waited    time.Duration // with some that wait and none that has its turn
	demand    *demand
}

func newTrace() *trace { return &trace{at: starting, demand: new(demand)} }

// traceKey is where ctx carries the trace through net/http to the dialer.
type traceKey struct{}

func traced(ctx context.Context, t *trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// traceOf returns the trace that ctx carries; one that nobody reads, if none.
func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return newTrace()
}

func (t *trace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn:              t.gotConn,
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.begin(waiting) },
		GotFirstResponseByte: t.gotFirstByte,
	}
}

func (t *trace) begin(next stage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at, t.began = next, time.Now()
}

// end adds the time since the stage began to the sum.
func (t *trace) end(of stage, sum *int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == of {
		*sum += time.Since(t.began).Microseconds()
		t.at = sending
	}
}

func (t *trace) gotConn(info httptrace.GotConnInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at = sending
	if !info.Reused {
		t.connected = time.Now()
	}
}

func (t *trace) gotFirstByte() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.firstByte = time.Now()
	if t.at == waiting {
		t.done.FirstByte += t.firstByte.Sub(t.began).Microseconds()
	}
	t.at = reading
}

// phases returns the phases of a look that is over at end. What a fault cut
// short counts up to there.
func (t *trace) phases(end time.Time) monitor.Phases {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.done
	switch cut := end.Sub(t.began).Microseconds(); t.at {
	case resolving:
		out.DNS = max(out.DNS, cut)
	case connecting, opening:
		out.Connect += cut
	case shaking:
		out.TLS = max(out.TLS, cut)
	case waiting:
		out.FirstByte += cut
	case reading:
		out.Transfer = end.Sub(t.firstByte).Microseconds()
	}
	return out
}

// stage returns how far the look has come, with the proxy and the line that it
// has to do with.
func (t *trace) stage() stage {
	waited, address := t.stood()
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.at
	if t.proxy != "" {
		at += stage(", at the proxy " + t.proxy)
	}
	if waited = waited.Round(time.Millisecond); waited > 0 {
		at += stage(", after " + monitor.Duration(waited).String() + " in line for a connection to " + address)
	}
	return at
}

// nameProxy says that the next stages are about a proxy; "": no more.
func (t *trace) nameProxy(proxy string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.proxy = proxy
}

// wait notes that an attempt to connect waits for its turn.
func (t *trace) wait(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == 0 {
		t.waitedFor = address
	}
	t.line(1, 0)
}

// waitOver notes that it waits no more.
func (t *trace) waitOver() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(-1, 0)
}

// try notes that an attempt has its turn.
func (t *trace) try() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(0, 1)
}

// tried notes that its turn is over.
func (t *trace) tried() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line(0, -1)
}

// line changes how many attempts wait and how many have their turn. The trace is
// held.
func (t *trace) line(waiting, trying int) {
	stood := t.stands()
	t.waiting, t.trying = t.waiting+waiting, t.trying+trying
	switch stands := t.stands(); {
	case stands && !stood:
		t.since = time.Now()
	case stood && !stands:
		t.waited += time.Since(t.since)
	}
}

// stands tells whether the look does nothing but wait for its turn to connect.
func (t *trace) stands() bool { return t.waiting > 0 && t.trying == 0 }

// stood returns how long the look waited for its turn to connect, and to where.
func (t *trace) stood() (time.Duration, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waited := t.waited
	if t.stands() {
		waited += time.Since(t.since)
	}
	return waited, t.waitedFor
}

// demand is what a peer has asked for. A kept connection has a hold on it, and
// not on the trace.
type demand struct{ certificate, shown atomic.Bool }

// made notes that the peer wants a client certificate.
func (d *demand) made(shown bool) {
	d.shown.Store(shown)
	d.certificate.Store(true)
}

// explain adds to the reason of a session that was refused what may be behind
// it: who wants a client certificate says so at best in an alert, and some
// cut the connection.
func (t *trace) explain(into *Answer) {
	switch {
	case !t.demand.certificate.Load(), into.Fault != monitor.FaultTLS && into.Fault != monitor.FaultReset:
	case t.demand.shown.Load():
		into.Reason += "; the server had asked for a client certificate and was shown that of the definition"
	default:
		into.Reason += "; the server had asked for a client certificate, and the definition has none (tls.certificate)"
	}
}

func (t *trace) connectedAt() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.connected
}

// hold keeps a connection over TLS for who wants one to the address.
func (t *trace) hold(conn net.Conn, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held, t.heldFor = conn, address
}

func (t *trace) holds() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.held != nil
}

// hand returns the connection that is held for the address, once, or nil.
func (t *trace) hand(address string) net.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heldFor != address {
		return nil
	}
	conn := t.held
	t.held = nil
	return conn
}

// drop closes the connection that nobody wanted.
func (t *trace) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held != nil {
		_ = t.held.Close()
		t.held = nil
	}
}
