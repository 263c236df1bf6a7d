package look_test

import (
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestHTTPLateObserver holds a timeout to being the observer's own where it was
// late itself, and no other.
func TestHTTPLateObserver(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	tests := map[string]struct {
		says string // for the second request
		over overdue
		want monitor.Fault
		how  string
	}{
		"the request was not sent":       {answer, overdue{sent: true}, monitor.FaultObserver, "not sent the request"},
		"an answer was not read":         {answer, overdue{said: true}, monitor.FaultObserver, "not read"},
		"there was nothing to read":      {"", overdue{}, monitor.FaultTimeout, "waiting for the answer"},
		"an answer goes on for too long": {answer, overdue{said: true, read: 20}, monitor.FaultTimeout, "reading the answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := speak(t, func(conn net.Conn) {
				for _, says := range []string{answer, test.says} {
					if _, err := conn.Read(make([]byte, 1<<10)); err != nil {
						return
					}
					_, _ = io.WriteString(conn, says)
				}
				_, _ = io.Copy(io.Discard, conn)
			})
			eye, request := newHTTP(t, look.Options{}), get(url)
			request.Revision = 1
			if first := eye.Look(t.Context(), request); first.Fault != "" {
				t.Fatal(first.Reason)
			}
			eye.Wrap(request, func(conn net.Conn) net.Conn {
				test.over.TCPConn = conn.(*net.TCPConn)
				return &test.over
			})
			got := eye.Look(t.Context(), request)
			if got.Fault != test.want || !strings.Contains(got.Reason, test.how) {
				t.Errorf("got %q %q, want %q that says %q", got.Fault, got.Reason, test.want, test.how)
			}
			if next := eye.Look(t.Context(), request); next.Fault != "" {
				t.Errorf("got %q %q, want another connection after it", next.Fault, next.Reason)
			}
		})
	}
}

// overdue is a connection whose time is over early.
type overdue struct {
	*net.TCPConn
	sent bool // before anything is sent
	said bool // once there is something to read
	read int  // after so many bytes were read
}

// Write implements net.Conn.
func (o *overdue) Write(b []byte) (int, error) {
	if o.sent {
		return 0, os.ErrDeadlineExceeded
	}
	return o.TCPConn.Write(b)
}

// Read implements net.Conn.
func (o *overdue) Read(b []byte) (int, error) {
	if o.said {
		if err := o.awaitWord(); err != nil {
			return 0, err
		}
	}
	if o.read == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := o.TCPConn.Read(b[:o.read])
	o.read -= n
	return n, err
}

// awaitWord waits until there is something to read, and leaves it there.
func (o *overdue) awaitWord() error {
	raw, err := o.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(func(fd uintptr) bool {
		_, _, err := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		return err != syscall.EAGAIN //nolint:errorlint // as the system returns it
	})
}
