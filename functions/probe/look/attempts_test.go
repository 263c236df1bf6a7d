package look_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestAttempts holds the attempts to connect to one address to their limit,
// and all others to their own time.
func TestAttempts(t *testing.T) {
	t.Parallel()
	slow, quick := serve(t, whoAsks), serve(t, whoAsks)
	eye := newHTTP(t, look.Options{Attempts: 2})
	var under, most atomic.Int64
	first, open := make(chan struct{}, 10), make(chan struct{})
	hold := context.WithValue(t.Context(), slowKey{}, true)
	eye.ConnectIf(func(ctx context.Context) error {
		if ctx.Value(slowKey{}) == nil {
			return nil
		}
		most.Store(max(most.Load(), under.Add(1)))
		defer under.Add(-1)
		first <- struct{}{}
		<-open
		return nil
	})
	var looks sync.WaitGroup
	at := func(ctx context.Context, name string, method string) {
		looks.Go(func() {
			request := get(slow.URL)
			request.Endpoint, request.Method = name, method
			if answer := eye.Look(ctx, request); answer.Fault != "" {
				t.Errorf("%s: got %q %q", name, answer.Fault, answer.Reason)
			}
		})
	}
	at(hold, "shop/a", http.MethodGet)
	at(hold, "shop/b", http.MethodPost)
	<-first
	<-first
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		request := get(slow.URL)
		request.Endpoint, request.Method, request.Timeout = "shop/c", method, time.Second
		answer := eye.Look(t.Context(), request)
		want := "stood in its own line for a connection to " + slow.Listener.Addr().String()
		if answer.Fault != monitor.FaultObserver || !strings.Contains(answer.Reason, want) {
			t.Fatalf("got %q %q, want the observer's fault, as it %q", answer.Fault, answer.Reason, want)
		}
	}
	if answer := eye.Look(t.Context(), get(quick.URL)); answer.Fault != "" {
		t.Fatalf("got %q %q at another address, want an answer", answer.Fault, answer.Reason)
	}
	host, port, _ := net.SplitHostPort(slow.Listener.Addr().String())
	bounded, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := eye.Reach(bounded, host, port); err != nil {
		t.Errorf("reach while others stand in line: got %v, want nil", err)
	}
	for _, name := range []string{"shop/d", "shop/e", "shop/f"} {
		at(hold, name, http.MethodGet)
	}
	close(open)
	looks.Wait()
	if most.Load() > 2 {
		t.Fatalf("got %d attempts at once, want 2 at most", most.Load())
	}
}

type slowKey struct{}

// TestAttemptsStand has a look stand in line at one of its addresses. That is no
// fault of the observer's while it tries another one.
func TestAttemptsStand(t *testing.T) {
	t.Parallel()
	one, other := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	const timeout = time.Second
	for name, test := range map[string]struct {
		list []netip.Addr
		want time.Duration
	}{
		"at its only address":              {[]netip.Addr{one}, timeout},
		"until it tries the other address": {[]netip.Addr{one, other}, 250 * time.Millisecond},
		"while it tries the other one":     {[]netip.Addr{other, one}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				if got := look.Stand(ctx, test.list, one); got != test.want {
					t.Errorf("got %s in line, want %s", got, test.want)
				}
			})
		})
	}
}

// TestAttemptsForgotten holds an address to no more room once it is connected to.
func TestAttemptsForgotten(t *testing.T) {
	t.Parallel()
	eye := newHTTP(t, look.Options{Attempts: 2})
	for _, url := range []string{serve(t, whoAsks).URL, "http://" + closed} {
		if eye.Look(t.Context(), get(url)); eye.Attempts() != 0 {
			t.Errorf("got %d addresses that are known after a look, want none", eye.Attempts())
		}
	}
}
