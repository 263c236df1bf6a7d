package look_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestBadServers holds looks to coming to an end, with a fault of their own
// and in few bytes, whatever a server does.
func TestBadServers(t *testing.T) {
	t.Parallel()
	drip := func(conn net.Conn, first, again string) {
		_, _ = conn.Read(make([]byte, 1<<10))
		for _, err := io.WriteString(conn, first); err == nil; _, err = io.WriteString(conn, again) {
			select {
			case <-t.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	flood := func(conn net.Conn, first, again string) {
		_, _ = conn.Read(make([]byte, 1<<10))
		for _, err := io.WriteString(conn, first); err == nil; {
			_, err = io.WriteString(conn, strings.Repeat(again, 100))
		}
	}
	tests := map[string]struct {
		serve func(net.Conn)
		tls   bool
		want  monitor.Fault
	}{
		"an answer drop by drop": {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nX: ", "y") }, false, monitor.FaultTimeout},
		"a body drop by drop":    {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", "y") }, false, monitor.FaultTimeout},
		"chunks drop by drop":    {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\ny\r\n") }, false, monitor.FaultTimeout},
		"headers without end":    {func(c net.Conn) { flood(c, "HTTP/1.1 200 OK\r\n", "X-Y: z\r\n") }, false, monitor.FaultProtocol},
		"one header without end": {func(c net.Conn) { flood(c, "HTTP/1.1 200 OK\r\nX: ", "yyyyyyyy") }, false, monitor.FaultProtocol},
		"hints without end":      {func(c net.Conn) { flood(c, "", "HTTP/1.1 103 Early Hints\r\n\r\n") }, false, monitor.FaultProtocol},
		"a length that is none":  {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "") }, false, monitor.FaultProtocol},
		"two lengths":            {func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "") }, false, monitor.FaultProtocol},
		"less than was announced": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 999))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
		}, false, monitor.FaultReset},
		"nothing at all":          {func(c net.Conn) { _, _ = c.Read(make([]byte, 999)) }, false, monitor.FaultReset},
		"another protocol":        {func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example ESMTP\r\n"); drip(c, "", "") }, false, monitor.FaultProtocol},
		"garbage in place of TLS": {func(c net.Conn) { _, _ = io.WriteString(c, "\x16\x03\x01\xff\xff garbage"); drip(c, "", "x") }, true, monitor.FaultTLS},
		"silence in place of TLS": {func(c net.Conn) { drip(c, "", "") }, true, monitor.FaultTimeout},
		"a redirect to itself": {func(c net.Conn) {
			drip(c, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "")
		}, false, monitor.FaultRedirects},
		"a port that is not HTTPS": {func(c net.Conn) { drip(c, "HTTP/1.1 400 Bad Request\r\n\r\n", "") }, true, monitor.FaultTLS},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := get(speak(t, test.serve))
			request.KeepBody, request.Redirects = true, 5
			if test.want == monitor.FaultTimeout {
				request.Timeout = 2 * time.Second
			}
			if test.tls {
				request.URL = "https" + strings.TrimPrefix(request.URL, "http")
			}
			answer := lookAtRest(t, newHTTP(t, look.Options{}), request)
			if answer.Fault != test.want || answer.Reason == "" || len(answer.Body) > look.MaxBody {
				t.Fatalf("got %q (%s), want %q", answer.Fault, answer.Reason, test.want)
			}
			t.Log(answer.Reason)
		})
	}
}
