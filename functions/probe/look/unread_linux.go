package look

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unread tells whether the peer has said what nobody has read.
func unread(conn net.Conn) bool {
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	count := 0
	_ = raw.Control(func(fd uintptr) { // nothing can be read after a deadline, but looked at
		count, _, _ = unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return count > 0
}
