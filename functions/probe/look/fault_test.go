package look_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// raw serves each connection with handle, then closes it.
func raw(t testing.TB, handle func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				handle(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestHTTPFaults(t *testing.T) {
	t.Parallel()
	request := func(conn net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(conn)) }
	tests := map[string]struct {
		answer func(net.Conn)
		fault  monitor.Fault
		reason string
	}{
		"a connection that is cut before the answer": {func(conn net.Conn) { request(conn) }, monitor.FaultReset, "cut while waiting for the answer"},
		"a connection that is cut within the body": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
		}, monitor.FaultReset, "cut while reading the answer"},
		"a connection that is reset": {func(conn net.Conn) {
			request(conn)
			_ = conn.(*net.TCPConn).SetLinger(0)
		}, monitor.FaultReset, "cut while waiting for the answer"},
		"an answer that is no HTTP": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n\r\n")
		}, monitor.FaultProtocol, "no HTTP"},
		"headers without end": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			_, _ = conn.Write(bytes.Repeat([]byte("X-Fill: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), 10_000))
		}, monitor.FaultProtocol, "no HTTP"},
		"no answer in time": {
			func(conn net.Conn) { request(conn); _, _ = conn.Read(make([]byte, 1)) },
			monitor.FaultTimeout, "no whole answer within 2s: time ran out while waiting for the answer",
		},
		"half an answer in time": {func(conn net.Conn) {
			request(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")
			_, _ = conn.Read(make([]byte, 1))
		}, monitor.FaultTimeout, "time ran out while reading the answer"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := get("http://" + raw(t, test.answer) + "/?token=s3cr3t")
			if test.fault == monitor.FaultTimeout {
				asked.Timeout = 2 * time.Second
			}
			asked.KeepBody = true
			answer := lookAtRest(t, newHTTP(t, look.Options{}), asked)
			if answer.Fault != test.fault || !strings.Contains(answer.Reason, test.reason) {
				t.Fatalf("got %q %q, want %q %q", answer.Fault, answer.Reason, test.fault, test.reason)
			}
			if strings.Contains(answer.Reason, "s3cr3t") {
				t.Fatalf("got %q, want no part of the URL", answer.Reason)
			}
			if answer.Took <= 0 {
				t.Fatalf("got %s, want the time up to the fault", answer.Took)
			}
		})
	}
	t.Run("a port where nobody listens", func(t *testing.T) {
		t.Parallel()
		const address = "127.0.0.1:1"
		answer := newHTTP(t, look.Options{}).Look(t.Context(), get("http://"+address))
		if answer.Fault != monitor.FaultRefused || !strings.Contains(answer.Reason, address) {
			t.Fatalf("got %q %q, want %q at %s", answer.Fault, answer.Reason, monitor.FaultRefused, address)
		}
	})
	t.Run("a name that does not resolve", func(t *testing.T) {
		t.Parallel()
		answer := newHTTP(t, look.Options{}).Look(t.Context(), get("http://shop..example/"))
		if answer.Fault != monitor.FaultDNS || answer.Reason != "the name shop..example does not resolve" {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultDNS)
		}
	})
	t.Run("a host without a way to it", func(t *testing.T) {
		t.Parallel()
		answer := newHTTP(t, look.Options{}).Look(t.Context(), get("http://224.0.0.1/"))
		if answer.Fault != monitor.FaultUnreachable {
			t.Fatalf("got %q %q, want %q", answer.Fault, answer.Reason, monitor.FaultUnreachable)
		}
	})
	t.Run("an observer without files left", func(t *testing.T) {
		t.Parallel()
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOutOfFiles$", "-test.v")
		command.Env = append(os.Environ(), "PROBE_TEST_URL=http://127.0.0.1:1/")
		output, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(output), "fault=observer reason=the observer cannot open a connection: too many open files") {
			t.Fatalf("got %v\n%s, want the observer's own fault", err, output)
		}
	})
	t.Run("a request that cannot be made is the observer's own fault", func(t *testing.T) {
		t.Parallel()
		for _, url := range []string{"http://a b/", "http:///x", "%"} {
			answer := newHTTP(t, look.Options{}).Look(t.Context(), get(url))
			if answer.Fault != monitor.FaultSecret {
				t.Fatalf("got %q %q for %q, want %q", answer.Fault, answer.Reason, url, monitor.FaultSecret)
			}
		}
		request := get("http://127.0.0.1:1/")
		request.Headers = map[string]string{"Authorization": "Bearer of\ntwo lines"}
		if answer := newHTTP(t, look.Options{}).Look(t.Context(), request); answer.Fault != monitor.FaultSecret {
			t.Fatalf("got %q %q for a header of two lines, want %q", answer.Fault, answer.Reason, monitor.FaultSecret)
		}
	})
}

// TestOutOfFiles is run by TestHTTPFaults in a process of its own, which it
// leaves without files.
func TestOutOfFiles(t *testing.T) {
	url := os.Getenv("PROBE_TEST_URL")
	if url == "" {
		return
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		t.Fatal(err)
	}
	eye := newHTTP(t, look.Options{})
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		defer func() { _ = file.Close() }()
	}
	answer := eye.Look(t.Context(), get(url))
	t.Logf("fault=%s reason=%s", answer.Fault, answer.Reason)
}
