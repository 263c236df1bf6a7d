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
)

// prepared is a request as it goes out on a plain connection.
type prepared struct {
	revision int64
	bytes    []byte
	address  string // host:port to connect to
	host     string // that its certificate must be for
	secure   bool
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
	return &prepared{
		revision: r.Revision, bytes: wire.Bytes(), address: addressOf(request.URL), host: request.URL.Hostname(),
		secure: request.URL.Scheme == "https",
	}, nil
}

// addressOf returns host:port of a URL.
func addressOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
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
