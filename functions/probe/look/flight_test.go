package look_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
)

// TestLookEndsWithItsContext holds looks on kept connections to ending with
// their ctx.
func TestLookEndsWithItsContext(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 2)
	url := speak(t, func(conn net.Conn) {
		for i := 0; ; i++ {
			if _, err := conn.Read(make([]byte, 1<<10)); err != nil {
				return
			}
			if i == 0 {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			} else {
				asked <- struct{}{}
			}
		}
	})
	eye, request := newHTTP(t, look.Options{}), get(url)
	request.Timeout = time.Hour
	eye.Look(t.Context(), request)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	eye.Look(ctx, request)
	eye.Look(t.Context(), request)
	flight := &look.Flight{}
	go func() {
		<-asked
		flight.Cut()
	}()
	eye.Look(flight, request)
	if flight.Err() == nil || !flight.Renew() || flight.Err() != nil {
		t.Error("got a flight that cannot be used again, want one that can: it has made no connection")
	}
}

// TestFlight holds flights to ending whatever depends on them, wherever the
// look is by then.
func TestFlight(t *testing.T) {
	t.Parallel()
	t.Run("a look that connects, and one with net/http, end with it", func(t *testing.T) {
		t.Parallel()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			asked := make(chan struct{})
			url := speak(t, func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 1<<10)) // a handshake that is not answered, or a request
				close(asked)
				_, _ = conn.Read(make([]byte, 1<<10))
			})
			request := get(url)
			if method == http.MethodGet {
				request.URL = "https" + strings.TrimPrefix(url, "http")
			}
			request.Method, request.Timeout = method, time.Hour
			flight := &look.Flight{}
			go func() {
				<-asked
				flight.Cut()
			}()
			newHTTP(t, look.Options{}).Look(flight, request)
			if flight.Renew() {
				t.Errorf("got a flight that can be used again after %s, want none: something may depend on it", method)
			}
		}
	})
	t.Run("one that has ended makes no look", func(t *testing.T) {
		t.Parallel()
		flight := &look.Flight{}
		flight.Cut()
		flight.Cut()
		request := get(speak(t, func(net.Conn) { t.Error("got a connection, want none") }))
		request.Timeout = time.Hour
		newHTTP(t, look.Options{}).Look(flight, request)
	})
	t.Run("it keeps what contexts promise", func(t *testing.T) {
		t.Parallel()
		flight := &look.Flight{}
		child, cancel := context.WithCancel(flight)
		defer cancel()
		other, cancelOther := context.WithTimeout(flight, time.Hour)
		cancelOther()
		called := make(chan struct{})
		stopped := context.AfterFunc(flight, func() { t.Error("got a call that was called off") })
		if !stopped() || stopped() || !errors.Is(other.Err(), context.Canceled) || child.Err() != nil {
			t.Error("got an end before the flight's")
		}
		context.AfterFunc(flight, func() { close(called) })
		flight.Cut()
		<-child.Done()
		<-flight.Done()
		<-called
		late := make(chan struct{})
		context.AfterFunc(flight, func() { close(late) })
		<-late
		if !errors.Is(flight.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
			t.Errorf("got %v and %v, want the end", flight.Err(), child.Err())
		}
	})
}
