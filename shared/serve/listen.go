package serve

import (
	"context"
	"net"
	"net/http"
	"strings"

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

// Local refuses requests whose Host header does not name this machine. It
// stands before what loopback alone protects: a web page can have its own name
// resolve to 127.0.0.1, and then the browser lets it send and read anything.
func Local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		host, _, err := net.SplitHostPort(request.Host)
		if err != nil {
			host = strings.Trim(request.Host, "[]")
		}
		if !loopback(host) {
			http.Error(w, "this process answers only to localhost, not to the host name of this request", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, request)
	})
}
