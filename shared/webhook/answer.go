package webhook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	maxAnswer = 16 << 10 // bytes of an answer that are read
	maxID     = 100      // bytes of the receiver's ID that are kept
)

// receipt judges an answer.
func receipt(response *http.Response) (string, error) {
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // the status has been said already
	status := response.StatusCode
	switch {
	case status >= 200 && status < 300:
		return strings.TrimSpace(strconv.Itoa(status) + " " + answeredID(response.Header, body)), nil
	case status >= 300 && status < 400:
		return "", refused(response, "redirects are not followed: write the final URL")
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return "", refused(response, "it asks for fewer requests")
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "", refused(response, "check the channel's credentials")
	case status == http.StatusNotFound || status == http.StatusGone:
		return "", refused(response, "check the channel's URL")
	default:
		return "", refused(response, "see the receiver's log")
	}
}

// answeredID is what the receiver calls the event: "id" of a JSON answer, else
// the header X-Request-Id.
func answeredID(header http.Header, body []byte) string {
	var answer struct {
		ID any `json:"id"`
	}
	id := header.Get("X-Request-Id")
	if json.Unmarshal(body, &answer) == nil {
		switch given := answer.ID.(type) {
		case string:
			id = given
		case float64:
			id = strconv.FormatFloat(given, 'f', -1, 64)
		}
	}
	id = strings.Map(printable, id)
	return id[:min(len(id), maxID)]
}

func printable(r rune) rune {
	if r <= ' ' || r > '~' {
		return -1
	}
	return r
}

// paused is a refusal with the receiver's wish for a pause.
type paused struct {
	error
	wait time.Duration
}

func (p *paused) Unwrap() error             { return p.error }
func (p *paused) RetryAfter() time.Duration { return p.wait }

func refused(response *http.Response, hint string) error {
	err := monitor.Errorf(monitor.Unavailable, "%s answered %d: %s", response.Request.URL.Hostname(), response.StatusCode, hint)
	if wait := retryAfter(response.Header, time.Now()); wait > 0 {
		return &paused{err, wait}
	}
	return err
}

// retryAfter reads Retry-After: seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// unreachable drops the URL that the client puts into its errors: it may hold
// secrets.
func unreachable(host string, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		if wrapped.Timeout() {
			return monitor.Errorf(monitor.Unavailable, "%s did not answer within %s", host, Timeout)
		}
		err = wrapped.Err
	}
	return monitor.Wrap(monitor.Unavailable, err, "cannot reach %s", host)
}
