package standalone_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is everything outside the monitor: the endpoints that it watches, a
// webhook, and a server that speaks the part of Slack's Web API that the monitor
// uses.
type world struct {
	targets *httptest.Server
	hook    *httptest.Server
	slack   *httptest.Server

	mu      sync.Mutex
	failing map[string]bool
	served  map[string]int
	hooked  []map[string]any
	posted  []string // messages that a channel shows as new
	edited  []string // what a message said after each edit
	lines   []string // of a thread
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{failing: map[string]bool{}, served: map[string]int{}}
	w.targets = httptest.NewServer(http.HandlerFunc(w.serveTarget))
	w.hook = httptest.NewServer(http.HandlerFunc(w.serveHook))
	w.slack = httptest.NewServer(http.HandlerFunc(w.serveSlack))
	for _, server := range []*httptest.Server{w.targets, w.hook, w.slack} {
		t.Cleanup(server.Close)
	}
	return w
}

func (w *world) serveTarget(rw http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	w.mu.Lock()
	w.served[name]++
	failing := w.failing[name]
	w.mu.Unlock()
	if failing {
		http.Error(rw, "out of order", http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(rw, `{"status":"ok"}`)
}

func (w *world) serveHook(_ http.ResponseWriter, r *http.Request) {
	var event map[string]any
	if json.NewDecoder(r.Body).Decode(&event) == nil {
		w.mu.Lock()
		w.hooked = append(w.hooked, event)
		w.mu.Unlock()
	}
}

func (w *world) serveSlack(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	if !authorised(r) {
		_, _ = io.WriteString(rw, `{"ok":false,"error":"invalid_auth"}`)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	text, method := r.FormValue("text"), strings.TrimPrefix(r.URL.Path, "/api/")
	switch {
	case method == "chat.postMessage" && r.FormValue("thread_ts") != "" && r.FormValue("reply_broadcast") != "true":
		w.lines = append(w.lines, text)
	case method == "chat.postMessage":
		w.posted = append(w.posted, text)
	case method == "chat.update":
		w.edited = append(w.edited, text)
		_, _ = fmt.Fprintf(rw, `{"ok":true,"channel":%q,"ts":%q}`, r.FormValue("channel"), r.FormValue("ts"))
		return
	default:
		_, _ = io.WriteString(rw, `{"ok":false,"error":"missing_scope"}`)
		return
	}
	_, _ = fmt.Fprintf(rw, `{"ok":true,"channel":%q,"ts":"1700000000.%06d"}`, r.FormValue("channel"), len(w.posted)+len(w.lines))
}

func authorised(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+slackToken || r.FormValue("token") == slackToken
}

const slackToken = "xoxb-test"

func (w *world) fail(name string, failing bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failing[name] = failing
}

func (w *world) checks(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.served[name]
}

func (w *world) hooks() []map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]map[string]any(nil), w.hooked...)
}

// slacked returns what Slack shows: the messages, their edits, and the lines of
// their threads.
func (w *world) slacked() (posted, edited, lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.posted), slices.Clone(w.edited), slices.Clone(w.lines)
}

// slackHeard tells whether Slack was told of so many changes in all.
func (w *world) slackHeard(changes int) bool {
	posted, edited, lines := w.slacked()
	return len(posted)+min(len(edited), len(lines)) >= changes
}

// definitions returns a monitor.yaml for n endpoints at one second.
func (w *world) definitions(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `namespace: shop
defaults: {interval: 1s, timeout: 20s} # a slow machine is no outage
channels:
  - {name: oncall, slack: {token: "${SLACK_TOKEN}", channel: C0123456}}
  - {name: hook, webhook: {url: %q}}
endpoints:
`, w.hook.URL+"/hook")
	for i := range n {
		fmt.Fprintf(&b, `  - name: endpoint-%03d
    http: {url: %q}
    expect: {json: {status: ok}}
    alert: {after: 2, recover: 2, channels: [oncall, hook]}
`, i, fmt.Sprintf("%s/endpoint-%03d", w.targets.URL, i))
	}
	return b.String()
}

// await polls until the condition holds, and fails the test if it never does.
func await(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("gave up waiting until %s", what)
		}
	}
}

// answers tells whether the URL answers with success.
func answers(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode < http.StatusMultipleChoices
}
