package slack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
)

var update = flag.Bool("update", false, "write the golden files anew")

const token = "xoxb-1234-secret"

func resolve(_, text string) (string, error) { return strings.ReplaceAll(text, "${TOKEN}", token), nil }

func channel() monitor.Channel {
	return monitor.Channel{Namespace: "shop", Name: "oncall", Slack: &monitor.Slack{Token: "${TOKEN}", Channel: "C0123456"}}
}

// post sends the change to a server that answers as told, and returns what
// Send returns and the form that the server got.
func post(t *testing.T, change monitor.IncidentChange, answer http.HandlerFunc) (receipt string, form url.Values, err error) {
	t.Helper()
	forms := make(chan url.Values, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		r.Form.Set("authorization", r.Header.Get("Authorization")+r.Form.Get("token"))
		r.Form.Set("path", r.URL.Path)
		forms <- r.Form
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	sender := slack.New(server.URL+"/api", "https://monitor.example/", resolve)
	receipt, err = sender.Send(t.Context(), channel(), noticeOf(change))
	return receipt, <-forms, err
}

func accept(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"ok": true, "channel": "C0123456", "ts": "1700000000.000100"}`)
}

func TestMessage(t *testing.T) {
	t.Parallel()
	changes := map[string]monitor.IncidentChange{
		"opened": opened(), "resolved": resolved(), "retired": retired(), "hostile": hostile(),
	}
	for name, change := range changes {
		t.Run("an incident that is "+name+" reads as its golden", func(t *testing.T) {
			t.Parallel()
			_, form, err := post(t, change, accept)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, filepath.Join("testdata", name+".json"), form)
		})
		t.Run("an incident that is "+name+" stays within Slack's limits", func(t *testing.T) {
			t.Parallel()
			_, form, err := post(t, change, accept)
			if err != nil {
				t.Fatal(err)
			}
			wantWithinLimits(t, form)
		})
	}

	t.Run("the request names the conversation and carries the token", func(t *testing.T) {
		t.Parallel()
		receipt, form, err := post(t, opened(), accept)
		if err != nil || receipt != "C0123456/1700000000.000100" {
			t.Errorf("got the receipt %q and the error %v, want C0123456/1700000000.000100 and none", receipt, err)
		}
		want := map[string]string{"path": "/api/chat.postMessage", "channel": "C0123456", "unfurl_links": "false"}
		for key, value := range want {
			if form.Get(key) != value {
				t.Errorf("%s: got %q, want %q", key, form.Get(key), value)
			}
		}
		if !strings.Contains(form.Get("authorization"), token) {
			t.Errorf("got %q, want the token in it", form.Get("authorization"))
		}
	})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	limit := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	}
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
			_, _, err := post(t, opened(), test.answer)
			if err == nil || err.Error() != test.want || !errors.Is(err, monitor.Unavailable) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}

	t.Run("a wish to rest is handed on", func(t *testing.T) {
		t.Parallel()
		_, _, err := post(t, opened(), limit)
		var asking interface{ RetryAfter() time.Duration }
		if !errors.As(err, &asking) || asking.RetryAfter() != 30*time.Second {
			t.Errorf("got %v, want an error that asks for 30s", err)
		}
	})

	t.Run("a server that is not there is named, and nothing else", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), slack.Timeout)
		defer cancel()
		_, err := slack.New("http://127.0.0.1:1/api/", "", resolve).Send(ctx, channel(), noticeOf(opened()))
		if err == nil || !strings.HasPrefix(err.Error(), "cannot reach slack") || strings.Contains(err.Error(), token) {
			t.Errorf("got %v, want one that begins with: cannot reach slack", err)
		}
	})
}

func compare(t *testing.T, golden string, form url.Values) {
	t.Helper()
	var shown any
	if err := json.Unmarshal([]byte(form.Get("blocks")), &shown); err != nil {
		t.Fatal(err)
	}
	message := map[string]any{"text": form.Get("text"), "blocks": shown}
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(message); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

func wantWithinLimits(t *testing.T, form url.Values) {
	t.Helper()
	type text struct{ Type, Text string }
	var got []struct {
		Type     string
		Text     text
		Elements []text
	}
	if err := json.Unmarshal([]byte(form.Get("blocks")), &got); err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{"header": 150, "section": 3000, "context": 3000}
	for _, block := range got {
		for _, part := range append(block.Elements, block.Text) {
			if n := utf8.RuneCountInString(part.Text); n > limits[block.Type] {
				t.Errorf("a %s of %d characters: want %d at most", block.Type, n, limits[block.Type])
			}
			if strings.Contains(part.Text, "<!channel>") || strings.Contains(part.Text, "<https://evil") {
				t.Errorf("got %q, want markup from outside escaped", part.Text)
			}
		}
	}
	if n := utf8.RuneCountInString(form.Get("text")); n > 4000 {
		t.Errorf("a text of %d characters: want 4000 at most", n)
	}
}
