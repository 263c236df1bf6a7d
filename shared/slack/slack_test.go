package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
)

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func limit(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "30")
	w.WriteHeader(http.StatusTooManyRequests)
}

// tell sends the change to a server that answers everything as told: by the
// Web API, or to the server as an incoming webhook.
func tell(t *testing.T, change monitor.IncidentChange, thread string, hooked bool, answer http.HandlerFunc) (string, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	to := channel()
	if hooked {
		to.Slack = &monitor.Slack{Webhook: server.URL + "/services/T0/B0/" + token}
	}
	delivery := monitor.Delivery{Channel: to, Notice: noticeOf(change), Thread: thread}
	return slack.New(server.URL+"/api", "https://monitor.example/", resolve).Send(t.Context(), delivery)
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a channel that is not there": {
			say(200, `{"ok": false, "error": "channel_not_found"}`),
			"slack refuses channel C0123456 with channel_not_found: check the channel's ID, and invite the bot if it is private",
		},
		"a token that is wrong": {
			say(200, `{"ok": false, "error": "invalid_auth"}`),
			"slack refuses channel C0123456 with invalid_auth: the token is not valid: set a new one",
		},
		"an error that is new to us":            {say(200, `{"ok": false, "error": "odd"}`), "slack refuses channel C0123456 with odd"},
		"a refusal without a reason":            {say(200, `{"ok": false}`), "slack did not take the message and did not say why"},
		"a failing server":                      {say(502, `<html>`), "slack answered 502"},
		"an answer that is no JSON":             {say(200, `<html>`), "slack's answer cannot be read"},
		"too many messages with a wish to rest": {limit, "slack asks for a pause of 30s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tell(t, opened(), "", false, test.answer)
			if err == nil || err.Error() != test.want || !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}

	for name, thread := range map[string]string{"posting": "", "editing": opening} {
		t.Run("a wish to rest while "+name+" is handed on", func(t *testing.T) {
			t.Parallel()
			_, err := tell(t, opened(), thread, false, limit)
			wantPause(t, err)
		})
	}

	t.Run("a server that is not there is named, and nothing else", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), slack.Timeout)
		defer cancel()
		hook := channel()
		hook.Slack = &monitor.Slack{Webhook: "http://127.0.0.1:1/" + token}
		for _, to := range []monitor.Channel{channel(), hook} {
			_, err := slack.New("http://127.0.0.1:1/api/", "", resolve).Send(ctx, monitor.Delivery{Channel: to, Notice: noticeOf(opened())})
			if err == nil || !strings.HasPrefix(err.Error(), "cannot reach slack") || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want one that begins with: cannot reach slack", err)
			}
		}
	})
}

func TestIncomingWebhook(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]monitor.IncidentChange{"opened_webhook": opened(), "resolved_webhook": resolved()} {
		t.Run(name+" is posted as its golden, whatever went before", func(t *testing.T) {
			t.Parallel()
			bodies := make(chan []byte, 1)
			receipt, err := tell(t, change, "ok", true, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				bodies <- body
				say(200, "ok")(w, r)
			})
			if receipt != "ok" || err != nil {
				t.Fatalf("got %q and %v, want ok", receipt, err)
			}
			var message any
			if err := json.Unmarshal(<-bodies, &message); err != nil {
				t.Fatal(err)
			}
			compareValue(t, name, message)
		})
	}

	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a webhook that was removed":   {say(404, "no_service"), "slack refuses the webhook with no_service: the webhook was removed or switched off: make a new one"},
		"a channel that is archived":   {say(410, "channel_is_archived"), "slack refuses the webhook with channel_is_archived: the channel is archived: make a webhook for another one"},
		"a message that it cannot use": {say(400, "invalid_blocks"), "slack refuses the webhook with invalid_blocks"},
		"a failing server":             {say(502, "<html>"), "slack answered 502"},
		"a server that points away":    {http.RedirectHandler("http://evil.example/", http.StatusFound).ServeHTTP, "slack answered 302"},
		"too many messages":            {limit, "slack asks for a pause of 30s"},
	}
	for name, test := range tests {
		t.Run(name+" is told in plain words", func(t *testing.T) {
			t.Parallel()
			_, err := tell(t, opened(), "", true, test.answer)
			if err == nil || err.Error() != test.want || !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}

	t.Run("its wish to rest is handed on", func(t *testing.T) {
		t.Parallel()
		_, err := tell(t, opened(), "", true, limit)
		wantPause(t, err)
	})

	t.Run("a secret that makes no URL is not told", func(t *testing.T) {
		t.Parallel()
		to := channel()
		to.Slack = &monitor.Slack{Webhook: "${TOKEN}"}
		_, err := slack.New("", "", resolve).Send(t.Context(), monitor.Delivery{Channel: to, Notice: noticeOf(opened())})
		if err == nil || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "correct the secret") {
			t.Errorf("got %v, want what to do, without the secret", err)
		}
	})
}

func wantPause(t *testing.T, err error) {
	t.Helper()
	var asking interface{ RetryAfter() time.Duration }
	if !errors.As(err, &asking) || asking.RetryAfter() != 30*time.Second {
		t.Errorf("got %v, want an error that asks for 30s", err)
	}
}
