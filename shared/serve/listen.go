package serve

import (
	"context"
	"net"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Listen opens the address (host:port). Unless open is set, the host must be a
// loopback address: whoever reaches the port may do what the program can.
// Invalid: it is not, or it is no address. Unavailable: the port is taken.
func Listen(ctx context.Context, address string, open bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "MONITOR_ADDR must be host:port, got %q", address)
	}
	if !open && !loopback(host) {
		return nil, monitor.Errorf(monitor.Invalid,
			"MONITOR_ADDR is %s, which others can reach: use a loopback address such as 127.0.0.1:8080, or MONITOR_AUTH=token where it is known", address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	return listener, monitor.Wrap(monitor.Unavailable, err, "cannot listen on %s: is another program using the port? Set MONITOR_ADDR", address)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
