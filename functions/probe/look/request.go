package look

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// prepared is a request as it goes out on a plain connection.
type prepared struct {
	revision int64
	bytes    []byte
	way
}

// way is where a connection leads.
type way struct {
	address string // host:port to connect to
	host    string // that its certificate must be for
	secure  bool
}

// prepare returns the request in bytes; the last one, if it is the same.
func (h *HTTP) prepare(r *Request, last *prepared) (*prepared, error) {
	if last != nil && r.Revision != 0 && last.revision == r.Revision {
		return last, nil
	}
	request, err := h.request(context.Background(), r)
	if err != nil {
		return nil, err
	}
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		return nil, err
	}
	return &prepared{r.Revision, wire.Bytes(), wayOf(request.URL)}, nil
}

// wayOf returns where a URL leads, as net/http goes there.
func wayOf(u *url.URL) way {
	host, port := u.Hostname(), u.Port()
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			host = ascii
		}
	}
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return way{net.JoinHostPort(host, port), host, u.Scheme == "https"}
}

func (h *HTTP) request(ctx context.Context, r *Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return nil, err
	}
	if request.URL.Host == "" {
		return nil, errors.New("the URL names no host")
	}
	request.Header.Set("User-Agent", h.agent)
	for name, value := range r.Headers {
		if strings.EqualFold(name, "Host") {
			request.Host = value
			continue
		}
		if !validHeader(value) {
			return nil, errHeader
		}
		request.Header.Set(name, value)
	}
	if user := request.URL.User; user != nil && request.Header.Get("Authorization") == "" {
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	return request, nil
}

var errHeader = errors.New("a header holds a control character")

// validHeader tells whether a value can be sent (RFC 9110, section 5.5). A
// secret of several lines cannot; to the transport that looks like a fault of
// the endpoint.
func validHeader(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
