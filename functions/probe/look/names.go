package look

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// How long addresses are kept.
const (
	leastKept  = time.Second
	usualKept  = 5 * time.Second // where nobody says, as for names in the hosts file
	longestTTL = 5 * time.Minute
	lookupTime = 20 * time.Second // of one lookup, whoever waits for it
	maxNames   = 50_000           // kept at once
)

// names resolves hosts and keeps their addresses for as long as DNS allows
// (RFC 1035, section 3.2.1). However many ask for a name, it is looked up once
// at a time. A failed lookup is not kept.
type names struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // to a name server
	lookups singleflight.Group

	mu    sync.Mutex
	known map[string]addresses
}

type addresses struct {
	list  []netip.Addr // in the order in which they are to be tried (RFC 6724)
	until time.Time
}

func newNames() *names {
	return &names{dial: (&net.Dialer{}).DialContext, known: map[string]addresses{}}
}

// resolve returns the addresses of a host, which may be an address itself.
func (n *names) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	if list := n.kept(host, time.Now()); list != nil {
		return list, nil
	}
	found := n.lookups.DoChan(host, func() (any, error) { return n.lookUp(context.WithoutCancel(ctx), host) })
	select {
	case result := <-found:
		list, _ := result.Val.([]netip.Addr)
		return list, result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *names) kept(host string, now time.Time) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	if known := n.known[host]; known.until.After(now) {
		return known.list
	}
	return nil
}

// lookUp asks the system's name servers, or its hosts file.
func (n *names) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	var life lifetime
	var own atomic.Pointer[error] // of this machine; the resolver tells its text alone
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := n.dial(ctx, network, address)
		if fault, _ := ofObserver(err); fault != monitor.FaultNone {
			own.Store(&err)
		}
		if err != nil {
			return nil, err
		}
		return life.overhear(conn), nil
	}}
	list, err := resolver.LookupNetIP(ctx, "ip", host)
	if why := own.Load(); err != nil && why != nil {
		return nil, *why
	}
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = list[i].Unmap()
	}
	n.keep(host, addresses{list, time.Now().Add(life.kept())})
	return list, nil
}

func (n *names) keep(host string, found addresses) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) >= maxNames {
		clear(n.known)
	}
	n.known[host] = found
}
