package look

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// stage is how far a look has come, in words that follow "while".
type stage string

const (
	starting   stage = "starting"
	resolving  stage = "resolving the name"
	connecting stage = "connecting"
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
}

func newTrace() *trace { return &trace{at: starting} }

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
	case connecting:
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

func (t *trace) stage() stage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at
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
