//go:build !linux

package look

import "net"

// watch would tell when the peers of idle connections close them; this system
// has no cheap way to know, so it never does.
type watch struct{}

func newWatch() (*watch, error) { return &watch{}, nil }

func (w *watch) add(net.Conn, func()) (stop func()) { return func() {} }

func (w *watch) close() {}

// unread would tell whether the peer has said what nobody has read; here nobody
// knows.
func unread(net.Conn) bool { return false }
