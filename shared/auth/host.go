package auth

import (
	"net"
	"net/netip"
	"strings"
)

// hostOf returns the host of host:port or of a host alone, in lower case and
// without the brackets and the root's dot.
func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]")
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// loopback tells whether only this machine can reach the host. Names other
// than localhost are not looked up: what they mean may change.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
