package serve_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

func none(context.Context, ...events.Event) error { return nil }

func request(t *testing.T, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	for name, value := range map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Type": "monitor.test.v1", "Ce-Source": "/s",
		"Ce-Partitionkey": "7", "Content-Type": "application/json",
	} {
		r.Header.Set(name, value)
	}
	return r
}

func TestHandlerAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err    error
		status int
		reason string
		body   string
	}{
		"success has an empty body":   {nil, 200, "", ""},
		"invalid":                     {monitor.FieldErrorf("url", "must be a URL"), 400, "invalid", "url: must be a URL\n"},
		"not found is no 404":         {monitor.Errorf(monitor.NotFound, "no such shard"), 400, "not_found", "no such shard\n"},
		"forbidden":                   {monitor.Errorf(monitor.Forbidden, "not yours"), 400, "forbidden", "not yours\n"},
		"conflict":                    {monitor.Errorf(monitor.Conflict, "changed"), 409, "conflict", "changed\n"},
		"unavailable":                 {monitor.Errorf(monitor.Unavailable, "disk full"), 503, "unavailable", "disk full\n"},
		"internal":                    {monitor.Errorf(monitor.Internal, "oops"), 503, "internal", "oops\n"},
		"an error without a code":     {errors.New("token=s3cret"), 503, "internal", "the event could not be handled; the log says why\n"},
		"the cause stays in the log":  {monitor.Wrap(monitor.Unavailable, errors.New("s3cret"), "no answer"), 503, "unavailable", "no answer\n"},
		"a text of many lines is one": {monitor.Errorf(monitor.Invalid, "a\nb"), 400, "invalid", "a b\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := serve.Handler(func(context.Context, events.Event, events.Emit) error { return test.err }, serve.Options{Emit: none})
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request(t, `{}`))
			reason := answer.Header().Get(serve.HeaderReason)
			if answer.Code != test.status || reason != test.reason || answer.Body.String() != test.body {
				t.Errorf("got %d %q %q, want %d %q %q", answer.Code, reason, answer.Body, test.status, test.reason, test.body)
			}
		})
	}
}

func TestHandlerBounds(t *testing.T) {
	t.Parallel()

	t.Run("a request that is no event is 400", func(t *testing.T) {
		t.Parallel()
		answer := httptest.NewRecorder()
		serve.Handler(nil, serve.Options{Emit: none}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
		if answer.Code != http.StatusBadRequest {
			t.Errorf("got %d, want 400", answer.Code)
		}
	})

	t.Run("a request of more than 1 MiB is 400", func(t *testing.T) {
		t.Parallel()
		answer := httptest.NewRecorder()
		serve.Handler(nil, serve.Options{Emit: none}).ServeHTTP(answer, request(t, strings.Repeat("x", 1<<20+1)))
		if answer.Code != http.StatusBadRequest {
			t.Errorf("got %d, want 400", answer.Code)
		}
	})

	t.Run("a GET is 405", func(t *testing.T) {
		t.Parallel()
		answer := httptest.NewRecorder()
		serve.Handler(nil, serve.Options{Emit: none}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if answer.Code != http.StatusMethodNotAllowed {
			t.Errorf("got %d, want 405", answer.Code)
		}
	})

	t.Run("one event too many at a time is 429", func(t *testing.T) {
		t.Parallel()
		entered, release := make(chan struct{}), make(chan struct{})
		handler := serve.Handler(func(context.Context, events.Event, events.Emit) error {
			close(entered)
			<-release
			return nil
		}, serve.Options{Emit: none, InFlight: 1})
		first, done := httptest.NewRecorder(), make(chan struct{})
		one := request(t, `{}`)
		go func() {
			defer close(done)
			handler.ServeHTTP(first, one)
		}()
		<-entered
		second := httptest.NewRecorder()
		handler.ServeHTTP(second, request(t, `{}`))
		close(release)
		<-done
		if first.Code != http.StatusOK || second.Code != http.StatusTooManyRequests {
			t.Errorf("got %d and %d, want 200 and 429", first.Code, second.Code)
		}
	})

	t.Run("an error is logged once, with its cause", func(t *testing.T) {
		t.Parallel()
		var lines bytes.Buffer
		handler := serve.Handler(func(context.Context, events.Event, events.Emit) error {
			return monitor.Wrap(monitor.Unavailable, io.ErrUnexpectedEOF, "no answer")
		}, serve.Options{Emit: none, Log: slog.New(slog.NewTextHandler(&lines, nil))})
		handler.ServeHTTP(httptest.NewRecorder(), request(t, `{}`))
		text := lines.String()
		if strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, "unexpected EOF") || !strings.Contains(text, "partition_key=7") {
			t.Errorf("log: got %q, want one warning with cause and key", text)
		}
	})
}
