package http1_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
)

// peer is a connection whose other side says the bytes, a few at a time.
type peer struct {
	net.Conn
	says  *bytes.Reader
	few   int
	heard bytes.Buffer
}

func (p *peer) Read(b []byte) (int, error)    { return p.says.Read(b[:min(len(b), p.few)]) }
func (p *peer) Write(b []byte) (int, error)   { return p.heard.Write(b) }
func (p *peer) SetDeadline(_ time.Time) error { return nil }

func newPeer(says string, few int) *peer { return &peer{says: bytes.NewReader([]byte(says)), few: few} }

func get() *http1.Request {
	return &http1.Request{Bytes: []byte("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), Header: http1.Always, KeepBody: true}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	type figures struct {
		Status   int
		Body     string
		Reusable bool
	}
	long := strings.Repeat("x", 9000)
	tests := map[string]struct {
		answer string
		want   figures
		err    error
	}{
		"a length":               {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", figures{200, "ok", true}, nil},
		"no reason":              {"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", figures{500, "", true}, nil},
		"chunks":                 {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n", figures{200, "okay!", true}, nil},
		"no content":             {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", figures{204, "", true}, nil},
		"a large body":           {"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + long, figures{200, long, true}, nil},
		"a large head":           {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: " + long + "\r\n\r\nok", figures{200, "ok", true}, nil},
		"the last answer":        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", figures{200, "ok", false}, nil},
		"nothing":                {"", figures{}, io.EOF},
		"a cut head":             {"HTTP/1.1 200 OK\r\nContent-", figures{}, io.ErrUnexpectedEOF},
		"a cut body":             {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", figures{Status: 200}, io.ErrUnexpectedEOF},
		"a cut chunk":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok", figures{Status: 200}, io.ErrUnexpectedEOF},
		"no length":              {"HTTP/1.1 200 OK\r\n\r\nok", figures{Status: 200}, http1.ErrUnusual},
		"two lengths":            {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", figures{Status: 200}, http1.ErrUnusual},
		"a length and chunks":    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", figures{Status: 200}, http1.ErrUnusual},
		"trailers":               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", figures{Status: 200}, http1.ErrUnusual},
		"an extension":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;x=y\r\n\r\n", figures{Status: 200}, http1.ErrUnusual},
		"another coding":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", figures{Status: 200}, http1.ErrUnusual},
		"an interim answer":      {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", figures{}, http1.ErrUnusual},
		"an older version":       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", figures{}, http1.ErrUnusual},
		"a folded line":          {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: a\r\n b\r\n\r\n", figures{Status: 200}, http1.ErrUnusual},
		"a bare line feed":       {"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", figures{}, http1.ErrUnusual},
		"another protocol":       {"SSH-2.0-OpenSSH_9.2\r\n", figures{}, http1.ErrUnusual},
		"an endless head":        {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", http1.MaxHead), figures{}, http1.ErrUnusual},
		"an endless chunk size":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("0", 99), figures{Status: 200}, http1.ErrUnusual},
		"a chunk size too large": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\n", figures{Status: 200}, http1.ErrUnusual},
	}
	for name, test := range tests {
		for _, few := range []int{1, 7, 1 << 20} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				conn := http1.New(newPeer(test.answer, few), &http1.Buffers{})
				var answer http1.Answer
				err := conn.Exchange(get(), time.Time{}, &answer)
				if !errors.Is(err, test.err) {
					t.Fatalf("got the error %v, want %v", err, test.err)
				}
				got := figures{answer.Status, string(answer.Body), conn.Reusable()}
				if err != nil {
					got.Body = ""
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Fatalf("answer (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestExchangeAgain(t *testing.T) {
	t.Parallel()
	one := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok"
	conn := http1.New(newPeer(strings.Repeat(one, 3), len(one)), &http1.Buffers{})
	var answer http1.Answer
	for range 3 {
		if err := conn.Exchange(get(), time.Time{}, &answer); err != nil || answer.Header.Get("X-A") != "b" {
			t.Fatalf("got %+v and %v, want the answer", answer, err)
		}
	}
	if err := conn.Exchange(get(), time.Time{}, &answer); !errors.Is(err, io.EOF) {
		t.Fatalf("got %v, want the end of the connection", err)
	}
	if err := conn.Exchange(get(), time.Time{}, &answer); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("got %v, want a connection that is not used again", err)
	}
}

func TestExchangeWithMoreThanTheAnswer(t *testing.T) {
	t.Parallel()
	conn := http1.New(newPeer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", 1<<20), &http1.Buffers{})
	var answer http1.Answer
	if err := conn.Exchange(get(), time.Time{}, &answer); err != nil || conn.Reusable() {
		t.Fatalf("got %v and reusable %v, want an answer on a connection that is not used again", err, conn.Reusable())
	}
}

// TestBounds holds an exchange to reading no more than it must, whatever comes.
func TestBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a long body":    "HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n" + strings.Repeat("x", 2*http1.MaxBody),
		"endless chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 0x10000)+"\r\n", 40),
	}
	for name, says := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, keep := range []bool{true, false} {
				from := newPeer(says, 1<<20)
				conn, answer, request := http1.New(from, &http1.Buffers{}), http1.Answer{}, get()
				request.KeepBody = keep
				if err := conn.Exchange(request, time.Time{}, &answer); err != nil {
					t.Fatal(err)
				}
				read := int(from.says.Size()) - from.says.Len()
				if !answer.Truncated || answer.Bytes != http1.MaxBody || conn.Reusable() || read > http1.MaxBody+http1.MaxHead {
					t.Fatalf("got %v, %d bytes and %d read, want the first MiB and not much more", answer.Truncated, answer.Bytes, read)
				}
			}
		})
	}
}

// TestAllocations holds an exchange to allocating nothing.
func TestAllocations(t *testing.T) {
	one := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + `{"status":"ok"}`
	from := newPeer(one, len(one))
	conn, answer, request := http1.New(from, &http1.Buffers{}), http1.Answer{}, get()
	request.Header, request.KeepBody = http1.Unless2xx, false
	allocations := testing.AllocsPerRun(100, func() {
		from.says.Reset([]byte(one))
		from.heard.Reset()
		if err := conn.Exchange(request, time.Time{}, &answer); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 1 { // the peer's copy of the answer
		t.Fatalf("got %v allocations, want the peer's", allocations)
	}
}
