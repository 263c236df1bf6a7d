package look_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestObserverFaults holds what this machine cannot do to being its own fault,
// wherever in a look that shows.
func TestObserverFaults(t *testing.T) {
	t.Parallel()
	looks := map[string]func(*look.HTTP, error) *look.Request{
		"over a connection of its own": func(eye *look.HTTP, fault error) *look.Request {
			eye.ConnectIf(func(context.Context) error { return fault })
			return get("http://127.0.0.1:1/")
		},
		"with net/http": func(eye *look.HTTP, fault error) *look.Request {
			eye.ConnectIf(func(context.Context) error { return fault })
			request := get("http://127.0.0.1:1/")
			request.Method = http.MethodPost
			return request
		},
		"for a name": func(eye *look.HTTP, fault error) *look.Request {
			eye.AskBy(func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("socket", fault)}
			})
			return get("http://shop.example./")
		},
	}
	for _, errno := range []syscall.Errno{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE,
		syscall.EACCES, syscall.EPERM, syscall.ENETDOWN, syscall.EAFNOSUPPORT, syscall.EPROTONOSUPPORT,
	} {
		for name, request := range looks {
			t.Run(errno.Error()+" "+name, func(t *testing.T) {
				t.Parallel()
				eye := newHTTP(t, look.Options{})
				answer := eye.Look(t.Context(), request(eye, errno))
				if answer.Fault != monitor.FaultObserver || !strings.Contains(answer.Reason, errno.Error()) {
					t.Errorf("got %q %q, want the observer's own", answer.Fault, answer.Reason)
				}
			})
		}
	}
	t.Run("a system that gives up waiting speaks of the endpoint", func(t *testing.T) {
		t.Parallel()
		eye := newHTTP(t, look.Options{})
		answer := eye.Look(t.Context(), looks["over a connection of its own"](eye, syscall.ETIMEDOUT))
		if answer.Fault != monitor.FaultTimeout || !strings.Contains(answer.Reason, "the system gave up waiting") {
			t.Errorf("got %q %q, want a timeout", answer.Fault, answer.Reason)
		}
	})
	t.Run("a name server that refuses is none of them", func(t *testing.T) {
		t.Parallel()
		eye := newHTTP(t, look.Options{})
		request := looks["for a name"](eye, syscall.ECONNREFUSED)
		if answer := eye.Look(t.Context(), request); answer.Fault != monitor.FaultDNS {
			t.Errorf("got %q %q, want a fault of the name", answer.Fault, answer.Reason)
		}
	})
}

// TestReach holds the way to a reference target to being that of a look, with
// the name resolved afresh.
func TestReach(t *testing.T) {
	t.Parallel()
	eye := newHTTP(t, look.Options{})
	address := raw(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if resolved, err := eye.Reach(t.Context(), host, port); err != nil || !resolved {
		t.Errorf("got %v and %v, want an address to be reached", resolved, err)
	}
	if resolved, err := eye.Reach(t.Context(), host, "1"); !errors.Is(err, syscall.ECONNREFUSED) || !resolved {
		t.Errorf("got %v and %v, want a refusal", resolved, err)
	}
	if resolved, err := eye.Reach(t.Context(), "shop..example", "80"); err == nil || resolved {
		t.Errorf("got %v and %v, want no address", resolved, err)
	}
	server := &nameServer{addr: host, ttl: 3600}
	eye.AskBy(server.dial)
	for asked := range int64(2) {
		if resolved, err := eye.Reach(t.Context(), "shop.example.", port); err != nil || !resolved || server.asked.Load() != asked+1 {
			t.Errorf("got %v and %v after %d questions, want the name server to be asked each time", resolved, err, server.asked.Load())
		}
	}
}
