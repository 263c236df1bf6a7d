package look

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"time"
)

// stagger is how long one address is waited for before the next one is tried
// beside it (RFC 8305, section 5).
const stagger = 250 * time.Millisecond

// dialer makes connections. It resolves names through its own cache.
type dialer struct {
	names    *names
	tcp      net.Dialer
	attempts *attempts
}

func newDialer(attempts int) *dialer {
	return &dialer{names: newNames(), tcp: net.Dialer{KeepAlive: time.Minute}, attempts: newAttempts(attempts)}
}

// dial connects to host:port and, where there is a configuration, agrees on
// TLS. The trace is told of the phases.
func (d *dialer) dial(ctx context.Context, address string, secure *tls.Config, t *trace) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	t.begin(resolving)
	list, err := d.names.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	t.end(resolving, &t.done.DNS)
	t.begin(connecting)
	conn, err := d.connect(ctx, interleave(list), port, t)
	if err != nil {
		return nil, err
	}
	t.end(connecting, &t.done.Connect)
	if secure == nil {
		return conn, nil
	}
	return shake(ctx, conn, secure, t)
}

// shake agrees on TLS over the connection, which it closes otherwise. The
// configuration is its own.
func shake(ctx context.Context, conn net.Conn, secure *tls.Config, t *trace) (net.Conn, error) {
	t.begin(shaking)
	own, demand := secure.Certificates, t.demand
	secure.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		demand.made(len(own) > 0)
		if len(own) > 0 {
			return &own[0], nil
		}
		return new(tls.Certificate), nil
	}
	session := tls.Client(conn, secure)
	if err := session.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	t.end(shaking, &t.done.TLS)
	return session, nil
}

// connect tries the addresses one after the other, the next one when the last
// has failed or has not answered for a while, and returns the first connection.
// The error is that of the first address.
func (d *dialer) connect(ctx context.Context, list []netip.Addr, port string, t *trace) (net.Conn, error) {
	if len(list) == 0 {
		return nil, errors.New("the name has no address")
	}
	if len(list) == 1 {
		return d.attempts.connect(ctx, &d.tcp, net.JoinHostPort(list[0].String(), port), t)
	}
	race, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan struct{}) // not race.Done: each attempt that ctx ends must be heard of
	defer close(over)
	r := runners{d, t, make(chan result), over}
	var failed error
	timer := time.NewTimer(0)
	defer timer.Stop()
	for started, ended := 0, 0; ended < len(list); {
		select {
		case <-timer.C:
			if started < len(list) {
				r.start(race, net.JoinHostPort(list[started].String(), port), started)
				started++
				timer.Reset(stagger)
			}
		case got := <-r.results:
			if got.err == nil {
				return got.conn, nil
			}
			if ended++; failed == nil || got.number == 0 {
				failed = got.err
			}
			timer.Reset(0)
		}
	}
	return nil, failed
}

// runners are the attempts of one race. Those that come in late are closed.
type runners struct {
	*dialer
	trace   *trace
	results chan result
	over    <-chan struct{}
}

type result struct {
	number int
	conn   net.Conn
	err    error
}

func (r runners) start(ctx context.Context, address string, number int) {
	go func() { // until the race is over
		conn, err := r.attempts.connect(ctx, &r.tcp, address, r.trace)
		select {
		case r.results <- result{number, conn, err}:
		case <-r.over:
			if conn != nil {
				_ = conn.Close()
			}
		}
	}()
}

// interleave lets the families of the addresses take turns, beginning with
// that of the first one (RFC 8305, section 4).
func interleave(list []netip.Addr) []netip.Addr {
	var same, other []netip.Addr
	for _, addr := range list {
		if addr.Is4() == list[0].Is4() {
			same = append(same, addr)
		} else {
			other = append(other, addr)
		}
	}
	if len(other) == 0 {
		return list
	}
	out := make([]netip.Addr, 0, len(list))
	for i := range max(len(same), len(other)) {
		if i < len(same) {
			out = append(out, same[i])
		}
		if i < len(other) {
			out = append(out, other[i])
		}
	}
	return out
}
