package http1_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/http1"
)

// FuzzExchange holds what is accepted to what net/http reads in the same bytes.
func FuzzExchange(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Y: z\r\n\r\n2\r\nok\r\n00\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nConnection: close\r\nContent-Length: 2\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 \xff\r\nupgrade: h2c\r\n\r\nmore",
		"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nPragma: no-cache\r\ncontent-type:\r\nContent-Type: text/plain\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Encoding: gzip \r\nContent-Type:\ttext/html; charset=x\r\n\r\n",
		"HTTP/1.1 200 OK\r\ncontent-length:02 \t\r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\nok",
	} {
		f.Add([]byte(seed), byte(3), false)
	}
	f.Fuzz(func(t *testing.T, says []byte, few byte, bodiless bool) {
		conn := http1.New(newPeer(string(says), int(few)+1), &http1.Buffers{})
		request, answer := get(), http1.Answer{}
		request.NoBody = bodiless
		if err := conn.Exchange(request, time.Time{}, &answer); err != nil {
			if conn.Reusable() {
				t.Fatalf("the connection is reusable after %v", err)
			}
			return
		}
		method := http.MethodGet
		if bodiless {
			method = http.MethodHead
		}
		rest := bufio.NewReaderSize(bytes.NewReader(says), 128<<10)
		want, err := http.ReadResponse(rest, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("got %+v, but net/http says %v", answer, err)
		}
		body, err := io.ReadAll(io.LimitReader(want.Body, http1.MaxBody))
		if err != nil {
			t.Fatalf("got the body %q, but net/http says %v after %q", answer.Body, err, body)
		}
		if diff := cmp.Diff(want.Header, answer.Header); diff != "" {
			t.Fatalf("header (-net/http +got):\n%s", diff)
		}
		if want.Header.Get("Content-Type") != answer.Type || want.Header.Get("Content-Encoding") != answer.Encoding {
			t.Fatalf("got the type %q and the encoding %q of %v", answer.Type, answer.Encoding, want.Header)
		}
		if want.StatusCode != answer.Status || !bytes.Equal(body, answer.Body) {
			t.Fatalf("got %d %q, net/http %d %q", answer.Status, answer.Body, want.StatusCode, body)
		}
		begin := begins(t, says, few, bodiless)
		if !bytes.HasPrefix(body, begin) || len(begin) != min(len(body), 5) {
			t.Fatalf("got the beginning %q of %q", begin, body)
		}
		if conn.Reusable() && want.Close {
			t.Fatal("the connection is reusable, but net/http says that the answer is its last one")
		}
	})
}

// begins reads the same answer for its beginning alone.
func begins(t *testing.T, says []byte, few byte, bodiless bool) []byte {
	t.Helper()
	conn, answer := http1.New(newPeer(string(says), int(few)+1), &http1.Buffers{}), http1.Answer{}
	request := &http1.Request{NoBody: bodiless, Begin: make([]byte, 5)}
	if err := conn.Exchange(request, time.Time{}, &answer); err != nil {
		t.Fatalf("what is read with its body is %v without", err)
	}
	return answer.Begin
}
