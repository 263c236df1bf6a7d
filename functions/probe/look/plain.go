package look

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// exchange looks at the endpoint over the line's own connection. Its error is
// ErrUnusual, if net/http has to look.
func (h *HTTP) exchange(ctx context.Context, r *Request, l *line, start time.Time, into *Answer) error {
	if err := h.prepare(l, r); err != nil {
		*into = unmakeable(err)
		return nil
	}
	flight := flightOf(ctx)
	defer flight.release()
	if !flight.hold(l) {
		return nil
	}
	var got http1.Answer
	deadline := start.Add(r.Timeout)
	if l.usable() && !h.aged(l.kept.Load().made, start) {
		err := l.send(r, deadline, &got)
		if !l.wasClosed(err, &got) {
			return l.read(err, &got, start, r, into)
		}
	}
	t := newTrace()
	err := h.connect(ctx, l, t, deadline, into)
	if err != nil {
		err = l.fail(err, t.stage(), start, r, into)
	} else {
		err = l.read(l.send(r, deadline, &got), &got, start, r, into)
	}
	t.explain(into)
	l.stood(t, r)
	return err
}

// unmakeable is the answer to a request that cannot be made.
func unmakeable(err error) Answer {
	why := "check the URL, the headers and the secrets in them"
	if known, ok := errors.AsType[*monitor.Error](err); ok {
		why = known.Message
	}
	return Answer{Fault: monitor.FaultSecret, Reason: "the request cannot be made: " + why}
}

// connect makes a new connection for the line. The error is ErrUnusual where
// the peer chose HTTP/2; net/http then takes the connection over.
func (h *HTTP) connect(ctx context.Context, l *line, t *trace, deadline time.Time, into *Answer) error {
	l.drop()
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	conn, err := h.dialer.dial(ctx, l.route.address, h.resuming(l), t)
	into.Phases = t.phases(time.Now())
	if err != nil {
		return err
	}
	k := &kept{route: l.route, made: h.since(time.Now()), raw: conn}
	if session, ok := conn.(*tls.Conn); ok {
		state := session.ConnectionState()
		k.certificate, k.raw = certificateIn(&state), session.NetConn()
		if state.NegotiatedProtocol == http2 {
			t.hold(conn, l.route.origin)
			l.ready = t
			return http1.ErrUnusual
		}
	}
	k.conn = http1.New(conn, &h.buffers)
	l.kept.Store(k)
	k.stop = h.watch.add(k.raw, func() { h.hangUp(l, k) })
	return nil
}

// http2 is HTTP/2's name where TLS agrees on a protocol (RFC 9113, section 3.1).
const http2 = "h2"

// hangUp is called when the peer has closed a kept connection.
func (h *HTTP) hangUp(l *line, k *kept) {
	k.gone.Store(true)
	if h.lines.idle(l) {
		h.lost(l.endpoint, l.location)
	}
}

// resuming returns how the line agrees on TLS; nil where it does not. Sessions
// are resumed only in between full handshakes, for a resumed one shows the
// certificate of the session that it resumes.
func (h *HTTP) resuming(l *line) *tls.Config {
	if !l.route.secure {
		return nil
	}
	if now := time.Now(); h.aged(l.shaken, now) {
		l.shaken, l.sessions = h.since(now), tls.NewLRUClientSessionCache(1)
	}
	config := h.config(l.route, l.route.origin)
	config.ClientSessionCache = l.sessions
	return config
}

// send makes the request on the line's connection.
func (l *line) send(r *Request, deadline time.Time, into *http1.Answer) error {
	if l.ended.Load() {
		return net.ErrClosed
	}
	sent := http1.Request{
		Bytes: l.prepared.bytes, NoBody: r.Method == http.MethodHead, Begin: r.Head, KeepBody: r.KeepBody,
		Header: http1.Unless2xx,
	}
	if r.KeepHead || r.KeepBody {
		sent.Header = http1.Always
	}
	return l.kept.Load().conn.Exchange(&sent, deadline, into)
}

// wasClosed tells whether the peer had closed the kept connection, so that it
// has not seen the request (RFC 9112, section 9.3.1). Some say first that they
// have waited for too long (RFC 9110, section 15.5.9).
func (l *line) wasClosed(err error, got *http1.Answer) bool {
	if err == nil {
		return got.Status == http.StatusRequestTimeout && !l.kept.Load().conn.Reusable()
	}
	return got.First.IsZero() && !errors.Is(err, os.ErrDeadlineExceeded) &&
		(errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE))
}

// read fills the answer with what the exchange has brought.
func (l *line) read(err error, got *http1.Answer, start time.Time, r *Request, into *Answer) error {
	into.Status, into.Headers, into.Type, into.Encoding = got.Status, got.Header, got.Type, got.Encoding
	into.Body, into.Head = got.Body, got.Begin
	into.Bytes, into.Truncated, into.Certificate = got.Bytes, got.Truncated, l.kept.Load().certificate
	if !got.Sent.IsZero() {
		now := time.Now()
		first := got.First
		if first.IsZero() {
			first = now
		}
		into.FirstByte, into.Transfer = first.Sub(got.Sent).Microseconds(), now.Sub(first).Microseconds()
	}
	if err == nil && r.Redirects > 0 && redirects(got.Status) {
		err = http1.ErrUnusual
	}
	if err != nil {
		return l.fail(err, stageOf(got.Stage), start, r, into)
	}
	if !l.kept.Load().conn.Reusable() {
		l.drop()
	}
	inflate(r, into)
	return nil
}

func stageOf(stage http1.Stage) stage {
	switch stage {
	case http1.Waiting:
		return waiting
	case http1.Reading:
		return reading
	default:
		return sending
	}
}

// redirects tells whether net/http would go elsewhere at the status.
func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

// fail fills the answer with what went wrong, unless that is for net/http to say.
func (l *line) fail(err error, at stage, start time.Time, r *Request, into *Answer) error {
	defer l.drop()
	if errors.Is(err, http1.ErrUnusual) {
		*into = Answer{}
		return http1.ErrUnusual
	}
	into.Fault, into.Reason = classify(err, at, start, r.Timeout)
	if into.Fault == monitor.FaultTimeout {
		l.late = l.lateAt(at)
	}
	into.Certificate = max(into.Certificate, certificateOf(err))
	return nil
}

// stood notes that the look was late because it waited for its turn to connect
// for so long that less than half of its time was the endpoint's.
func (l *line) stood(t *trace, r *Request) {
	if waited, address := t.stood(); waited > r.Timeout/2 {
		l.late = "it stood in its own line for a connection to " + address + " for " + monitor.Duration(waited.Round(time.Millisecond)).String()
	}
}

// lateAt returns how it shows that the observer was late, if it does, where time
// has run out at a stage. A busy process hears of the end of its time before it
// hears of the answer. The request is small: sending it waits for nobody.
func (l *line) lateAt(at stage) string {
	k := l.kept.Load()
	switch {
	case k == nil:
		return ""
	case at == sending:
		return "it had not sent the request by then"
	case at == waiting && unread(k.raw):
		return "an answer was there that it had not read by then"
	default:
		return ""
	}
}
