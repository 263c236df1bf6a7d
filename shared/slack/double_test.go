package slack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
)

const token = "xoxb-1234-secret"

func resolve(_, text string) (string, error) { return strings.ReplaceAll(text, "${TOKEN}", token), nil }

func channel() monitor.Channel {
	return monitor.Channel{Namespace: "shop", Name: "oncall", Slack: &monitor.Slack{Token: "${TOKEN}", Channel: "C0123456"}}
}

// double speaks the part of Slack's Web API that the sender uses. It refuses
// what it is told to, and otherwise keeps what is posted.
type double struct {
	server *httptest.Server
	sender *slack.Sender

	mutex   sync.Mutex
	calls   []call
	posted  []posting
	refuses map[string]string // method: error code
}

type call struct {
	method string
	form   url.Values
}

type posting struct {
	Timestamp string          `json:"ts"`
	Metadata  json.RawMessage `json:"metadata"`
	thread    string
}

func newDouble(t *testing.T) *double {
	t.Helper()
	d := &double{refuses: map[string]string{}}
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	d.sender = slack.New(d.server.URL+"/api", "https://monitor.example/", resolve)
	return d
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	r.Form.Set("authorization", r.Header.Get("Authorization")+r.Form.Get("token"))
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.calls = append(d.calls, call{method, r.Form})
	if code := d.refuses[method]; code != "" {
		_, _ = fmt.Fprintf(w, `{"ok": false, "error": %q}`, code)
		return
	}
	d.answer(w, method, r.Form)
}

func (d *double) answer(w io.Writer, method string, form url.Values) {
	switch method {
	case "chat.postMessage":
		one := posting{
			Timestamp: fmt.Sprintf("1700000000.%06d", len(d.posted)+1), Metadata: json.RawMessage(form.Get("metadata")),
			thread: form.Get("thread_ts"),
		}
		d.posted = append(d.posted, one)
		_, _ = fmt.Fprintf(w, `{"ok": true, "channel": %q, "ts": %q}`, form.Get("channel"), one.Timestamp)
	case "chat.update":
		_, _ = fmt.Fprintf(w, `{"ok": true, "channel": %q, "ts": %q}`, form.Get("channel"), form.Get("ts"))
	case "conversations.history", "conversations.replies":
		var found []posting
		for _, one := range d.posted {
			if one.thread == form.Get("ts") {
				found = append(found, one)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "messages": found})
	default:
		_, _ = io.WriteString(w, `{"ok": false, "error": "unknown_method"}`)
	}
}

// refuse makes a method fail with the code; empty lets it work again.
func (d *double) refuse(method, code string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.refuses[method] = code
}

// take returns the calls since it was last asked.
func (d *double) take() []call {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	calls := d.calls
	d.calls = nil
	return calls
}

// methods names the calls: post, post in a thread, post for all from a thread,
// update, history and replies.
func methods(calls []call) string {
	names := make([]string, 0, len(calls))
	for _, c := range calls {
		_, name, _ := strings.Cut(c.method, ".")
		switch {
		case c.form.Get("reply_broadcast") == "true":
			name = "broadcast"
		case c.form.Get("thread_ts") != "":
			name = "reply"
		case name == "postMessage":
			name = "post"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func (d *double) send(t *testing.T, change monitor.IncidentChange, thread string) (string, error) {
	t.Helper()
	return d.sender.Send(t.Context(), monitor.Delivery{Channel: channel(), Notice: noticeOf(change), Thread: thread})
}
