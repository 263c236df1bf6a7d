package look_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// nameServer answers every question for an IPv4 address with the one that it
// has at the moment.
type nameServer struct {
	addr   string
	ttl    uint32 // seconds
	silent bool
	asked  atomic.Int64
}

// dial connects to the server without a network.
func (s *nameServer) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer func() { _ = theirs.Close() }()
		_ = s.serve(theirs) // the other side has gone
	}()
	return ours, nil
}

// serve answers one question, behind its length as over TCP (RFC 1035, section
// 4.2.2).
func (s *nameServer) serve(conn net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return err
	}
	packed := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, packed); err != nil {
		return err
	}
	var question dnsmessage.Message
	if err := question.Unpack(packed); err != nil {
		return err
	}
	if s.silent {
		_, err := conn.Read(size[:]) // until the other side gives up
		return err
	}
	packed, err := s.answer(question)
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)) //nolint:gosec // it is short
	return err
}

func (s *nameServer) answer(question dnsmessage.Message) ([]byte, error) {
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: question.ID, Response: true, RecursionAvailable: true},
		Questions: question.Questions,
	}
	if question.Questions[0].Type == dnsmessage.TypeA {
		s.asked.Add(1)
		answer.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: s.ttl},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(s.addr).As4()},
		}}
	}
	return answer.Pack()
}

// warmUp lets the standard library's resolver make what it shares between
// lookups, which must not happen within a bubble of fake time.
func warmUp(t *testing.T) {
	t.Helper()
	server := &nameServer{addr: "192.0.2.1"}
	if _, err := look.NewNames(server.dial).Resolve(t.Context(), "warm.example."); err != nil {
		t.Fatal(err)
	}
}

// TestNames holds addresses to being kept for as long as DNS says, and no longer.
func TestNames(t *testing.T) {
	t.Parallel()
	warmUp(t)
	tests := map[string]struct {
		ttl  uint32
		want time.Duration
	}{
		"a usual time":    {60, time.Minute},
		"no time at all":  {0, time.Second},
		"more than a bit": {86400, 5 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &nameServer{addr: "192.0.2.1", ttl: test.ttl}
				names := look.NewNames(server.dial)
				resolves(t, names, "192.0.2.1")
				server.addr = "192.0.2.2"
				time.Sleep(test.want - time.Millisecond)
				resolves(t, names, "192.0.2.1")
				time.Sleep(2 * time.Millisecond)
				resolves(t, names, "192.0.2.2")
				if got := server.asked.Load(); got != 2 {
					t.Fatalf("got %d questions, want 2", got)
				}
			})
		})
	}
}

func resolves(t *testing.T, names look.Names, want string) {
	t.Helper()
	got, err := names.Resolve(t.Context(), "shop.example.")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{want}, texts(got)); diff != "" {
		t.Fatalf("addresses (-want +got):\n%s", diff)
	}
}

func texts(list []netip.Addr) []string {
	var out []string
	for _, addr := range list {
		out = append(out, addr.String())
	}
	return out
}

// TestNamesWithoutAnAnswer holds a look to its own time, however long a name
// server is silent, and a name to being asked for once at a time.
func TestNamesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	warmUp(t)
	synctest.Test(t, func(t *testing.T) {
		server := &nameServer{silent: true}
		var dials atomic.Int64
		names := look.NewNames(func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return server.dial(ctx, network, address)
		})
		start, faults := time.Now(), make(chan error, 100)
		for range cap(faults) {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err := names.Resolve(ctx, "shop.example.")
				faults <- err
			}()
		}
		for range cap(faults) {
			if err := <-faults; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the look's own end", err)
			}
		}
		if took := time.Since(start); took != 2*time.Second || dials.Load() > 2 {
			t.Errorf("got an end after %s and %d connections, want 2s, and one for each kind of address", took, dials.Load())
		}
		time.Sleep(time.Minute) // the lookup ends by itself
	})
}

// TestLookWhereNamesAreSilent holds the reason to naming the phase that took
// all of the time.
func TestLookWhereNamesAreSilent(t *testing.T) {
	t.Parallel()
	server := &nameServer{silent: true}
	eye, request := newHTTP(t, look.Options{}), get("http://shop.example./")
	eye.AskBy(server.dial)
	request.Timeout = 200 * time.Millisecond
	answer := lookAtRest(t, eye, request)
	if answer.Fault != monitor.FaultTimeout || !strings.HasSuffix(answer.Reason, "while resolving the name") || answer.DNS == 0 {
		t.Fatalf("got %q (%s) and %d µs for the name, want a timeout while resolving it", answer.Fault, answer.Reason, answer.DNS)
	}
}

func TestInterleave(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ list, want []string }{
		"one family":      {[]string{"192.0.2.1", "192.0.2.2"}, []string{"192.0.2.1", "192.0.2.2"}},
		"they take turns": {[]string{"2001:db8::1", "2001:db8::2", "192.0.2.1"}, []string{"2001:db8::1", "192.0.2.1", "2001:db8::2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var list []netip.Addr
			for _, text := range test.list {
				list = append(list, netip.MustParseAddr(text))
			}
			if diff := cmp.Diff(test.want, texts(look.Interleave(list))); diff != "" {
				t.Fatalf("order (-want +got):\n%s", diff)
			}
		})
	}
}

// TestConnectEndsWithItsContext holds the race to ending when all of its
// attempts do, in whatever order that is noticed.
func TestConnectEndsWithItsContext(t *testing.T) {
	t.Parallel()
	list := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		conn, err := look.Connect(ctx, list, "1", func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		})
		if conn != nil || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v and %v, want the end of ctx", conn, err)
		}
	}
}
