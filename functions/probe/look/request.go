package look

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
)

// prepared is a request as it goes out on a plain connection.
type prepared struct {
	revision int64
	bytes    []byte
	route    *route
}

// prepare has the line's request in bytes, and the line go where it leads; the
// last one stays, if it is the same.
func (h *HTTP) prepare(l *line, r *Request) error {
	if last := l.prepared; last != nil && r.Revision != 0 && last.revision == r.Revision && last.route == l.route {
		return nil
	}
	request, err := h.request(context.Background(), r)
	if err != nil {
		return err
	}
	var wire bytes.Buffer
	if err := request.Write(&wire); err != nil {
		return err
	}
	if err := h.lead(l, request.URL, r); err != nil {
		return err
	}
	l.prepared = &prepared{r.Revision, bytes.Clone(wire.Bytes()), l.route}
	return nil
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
