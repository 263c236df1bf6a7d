package look

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
)

// Watch is what tells of lost connections.
type Watch struct{ watch *watch }

// NewWatch returns a Watch of no connection.
func NewWatch() (Watch, error) {
	w, err := newWatch()
	return Watch{w}, err
}

// Add watches one more connection.
func (w Watch) Add(conn net.Conn, gone func()) (stop func()) { return w.watch.add(conn, gone) }

// Close ends it.
func (w Watch) Close() { w.watch.close() }

// Names are cached addresses.
type Names struct{ names *names }

// NewNames returns names that ask a name server over connections of the test's.
func NewNames(dial func(ctx context.Context, network, address string) (net.Conn, error)) Names {
	n := newNames()
	n.dial = dial
	return Names{n}
}

// Resolve returns the addresses of a host.
func (n Names) Resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return n.names.resolve(ctx, host)
}

// AskBy has the look ask name servers over connections of the test's.
func (h *HTTP) AskBy(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	h.dialer.names.dial = dial
}

// ConnectIf lets control end attempts of the look to connect.
func (h *HTTP) ConnectIf(control func(context.Context) error) {
	h.dialer.tcp.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error { return control(ctx) }
}

// Wrap has the kept connection of an endpoint at which nobody looks used through
// another.
func (h *HTTP) Wrap(of *Request, wrap func(net.Conn) net.Conn) {
	h.lines.mu.Lock()
	defer h.lines.mu.Unlock()
	k := h.lines.known[lineKey{of.Endpoint, of.Location}].kept.Load()
	k.conn = http1.New(wrap(k.raw), &h.buffers)
}

// Waited returns how long turns were waited for, of which so many fell into each
// bucket.
func Waited(buckets []float64, counts []uint64) time.Duration {
	return waited(buckets, make([]uint64, len(counts)), counts)
}

// Interleave orders addresses for the race to connect.
func Interleave(list []netip.Addr) []netip.Addr { return interleave(list) }

// Connect races to one of the addresses. What control says ends an attempt.
func Connect(ctx context.Context, list []netip.Addr, port string, control func(context.Context) error) (net.Conn, error) {
	d := newDialer(0)
	d.tcp.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error { return control(ctx) }
	return d.connect(ctx, list, port, newTrace())
}

// Stand races to addresses until ctx ends, with others taking all turns at one of
// them, and returns for how long it stood in line.
func Stand(ctx context.Context, list []netip.Addr, taken netip.Addr) time.Duration {
	d := newDialer(1)
	d.tcp.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
		<-ctx.Done()
		return ctx.Err()
	}
	_ = d.attempts.join(net.JoinHostPort(taken.String(), "1")).turns.Acquire(ctx, 1)
	t := newTrace()
	_, _ = d.connect(ctx, list, "1", t)
	stood, _ := t.stood()
	return stood
}

// Address returns where a look at the URL connects to.
func Address(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return wayOf(u).address
}

// Aged tells whether something that was made so long ago is made afresh.
func (h *HTTP) Aged(ago time.Duration) bool {
	now := time.Now()
	return h.aged(h.since(now.Add(-ago)), now)
}

// Attempts counts the addresses to which connections are being made.
func (h *HTTP) Attempts() int {
	h.dialer.attempts.mu.Lock()
	defer h.dialer.attempts.mu.Unlock()
	return len(h.dialer.attempts.at)
}
