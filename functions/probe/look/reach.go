package look

import (
	"context"
	"net/netip"
)

// Reach connects to host:port and hangs up, as a look would: it resolves the
// name, but afresh, races to its addresses, and stands in no line with looks. It
// tells whether it has come to addresses. It gives up when ctx ends.
func (h *HTTP) Reach(ctx context.Context, host, port string) (resolved bool, err error) {
	var list []netip.Addr
	if addr, err := netip.ParseAddr(host); err == nil {
		list = append(list, addr)
	} else if list, err = h.dialer.names.lookUp(ctx, host); err != nil {
		return false, err
	}
	own := *h.dialer
	own.attempts = newAttempts(0)
	conn, err := own.connect(ctx, interleave(list), port, newTrace())
	if err != nil {
		return true, err
	}
	return true, conn.Close()
}
