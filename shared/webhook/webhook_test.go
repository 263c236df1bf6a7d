package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/webhook"
)

const password = "correct-horse-battery"

// resolve fills in the one secret that there is.
func resolve(_, text string) (string, error) {
	if strings.Contains(text, "${MISSING}") {
		return "", monitor.Errorf(monitor.Invalid, "the secret MISSING is not set")
	}
	return strings.ReplaceAll(text, "${KEY}", password), nil
}

func channel(url string) monitor.Channel {
	return monitor.Channel{Namespace: "shop", Name: "hook", Webhook: &monitor.Webhook{
		URL: url, Headers: map[string]string{"Authorization": "Bearer ${KEY}"},
	}}
}

func receiver(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func send(t *testing.T, url string) (string, error) {
	t.Helper()
	return webhook.New(resolve).Send(t.Context(), monitor.Delivery{Channel: channel(url), Notice: noticeOf(opened())})
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("the request carries the event, the secrets and the key", func(t *testing.T) {
		t.Parallel()
		headers, bodies := make(chan http.Header, 1), make(chan string, 1)
		url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			headers <- r.Header
			bodies <- string(body)
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"id": "evt-9"}`)
		})
		receipt, err := send(t, url+"/hook?x=1")
		if err != nil || receipt != "202 evt-9" {
			t.Errorf("got the receipt %q and the error %v, want 202 evt-9 and none", receipt, err)
		}
		change := opened()
		want, _ := webhook.Body(&change)
		if got := <-bodies; got != string(want) {
			t.Errorf("got the body %s, want %s", got, want)
		}
		got := <-headers
		for name, want := range map[string]string{
			"Content-Type":    "application/cloudevents+json; charset=UTF-8",
			"Authorization":   "Bearer " + password,
			"Idempotency-Key": change.ID() + "/shop/hook",
		} {
			if got.Get(name) != want {
				t.Errorf("got the header %s: %q, want %q", name, got.Get(name), want)
			}
		}
	})

	t.Run("a redirect is an error and is not followed", func(t *testing.T) {
		t.Parallel()
		other := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
		url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		})
		_, err := send(t, url)
		wantError(t, err, "127.0.0.1 answered 307: redirects are not followed: write the final URL")
	})

	t.Run("only 2xx accepts", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{400, 401, 404, 408, 410, 429, 500, 503} {
			url := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			if _, err := send(t, url); !errors.Is(err, monitor.Unavailable) {
				t.Errorf("%d: got %v, want an unavailable error", status, err)
			}
		}
	})

	t.Run("an answer without an end is read to a bound", func(t *testing.T) {
		t.Parallel()
		url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			for chunk := []byte(strings.Repeat("x", 64<<10)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		})
		began := time.Now()
		if receipt, err := send(t, url); err != nil || receipt != "200" {
			t.Errorf("got the receipt %q and the error %v, want 200 and none", receipt, err)
		}
		if took := time.Since(began); took >= webhook.Timeout {
			t.Errorf("got an answer after %s, want one before the timeout", took)
		}
	})

	t.Run("a receiver that does not answer ends with the context", func(t *testing.T) {
		t.Parallel()
		release := make(chan struct{})
		url := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		defer close(release)
		_, err := webhook.New(resolve).Send(ctx, monitor.Delivery{Channel: channel(url), Notice: noticeOf(opened())})
		wantError(t, err, "127.0.0.1 did not answer within 10s")
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	inAnHour := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	tests := map[string]struct {
		header string
		least  time.Duration
		most   time.Duration
	}{
		"seconds are taken as they are": {"17", 17 * time.Second, 17 * time.Second},
		"a date is counted from now":    {inAnHour, 30 * time.Minute, time.Hour},
		"a date that is over is none":   {"Mon, 02 Jan 2006 15:04:05 GMT", 0, 0},
		"nonsense is none":              {"soon", 0, 0},
		"less than nothing is none":     {"-5", 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.header)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			_, err := send(t, url)
			var got time.Duration
			var asking interface{ RetryAfter() time.Duration }
			if errors.As(err, &asking) {
				got = asking.RetryAfter()
			}
			if got < test.least || got > test.most {
				t.Errorf("got %s, want %s to %s", got, test.least, test.most)
			}
			if !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want an unavailable error", err)
			}
		})
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a port where nothing listens":     "http://user:${KEY}@127.0.0.1:1/${KEY}?token=${KEY}",
		"a name that does not resolve":     "http://user:${KEY}@nowhere.invalid/?token=${KEY}",
		"a URL that is none":               "http://127.0.0.1:${KEY}/",
		"a URL with a bad escape":          "http://127.0.0.1/%zz${KEY}",
		"a scheme that is not spoken":      "gopher://127.0.0.1/${KEY}",
		"a secret that does not resolve":   "http://127.0.0.1/${KEY}${MISSING}",
		"a URL without a host":             "/${KEY}",
		"a header value that is not valid": "http://127.0.0.1:1/\n${KEY}",
	}
	for name, url := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := send(t, url)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("got %q, want no secret in it", err)
			}
		})
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
