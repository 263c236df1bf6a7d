package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

// conversation is a channel of Slack as people see it, behind the Web API.
type conversation struct {
	mutex    sync.Mutex
	messages []*said
	failures map[string][]func(http.ResponseWriter) // by method: what the next calls are answered
}

type said struct {
	Timestamp string          `json:"ts"`
	Metadata  json.RawMessage `json:"metadata"`
	text      string
	thread    string
}

func (c *conversation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/")
	if planned := c.failures[method]; len(planned) > 0 {
		c.failures[method] = planned[1:]
		planned[0](w)
		return
	}
	switch method {
	case "chat.postMessage":
		c.messages = append(c.messages, &said{
			Timestamp: fmt.Sprintf("1700000000.%06d", len(c.messages)+1), Metadata: json.RawMessage(r.FormValue("metadata")),
			text: r.FormValue("text"), thread: r.FormValue("thread_ts"),
		})
		_, _ = fmt.Fprintf(w, `{"ok":true,"channel":"C1","ts":%q}`, c.messages[len(c.messages)-1].Timestamp)
	case "chat.update":
		at := slices.IndexFunc(c.messages, func(m *said) bool { return m.Timestamp == r.FormValue("ts") })
		c.messages[at].text = r.FormValue("text")
		_, _ = fmt.Fprintf(w, `{"ok":true,"channel":"C1","ts":%q}`, r.FormValue("ts"))
	default:
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "messages": c.messages})
	}
}

// fails plans what the next call of the method is answered.
func (c *conversation) fails(method string, answer func(http.ResponseWriter)) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.failures[method] = append(c.failures[method], answer)
}

func refuse(code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { _, _ = fmt.Fprintf(w, `{"ok":false,"error":%q}`, code) }
}

// shows returns the first words of the messages, those of a thread set off.
func (c *conversation) shows() []string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	lines := make([]string, len(c.messages))
	for i, m := range c.messages {
		lines[i], _, _ = strings.Cut(strings.SplitAfterN(m.text, " ", 2)[1], "  ")
		if m.thread != "" {
			lines[i] = "  " + lines[i]
		}
	}
	return lines
}

// office is a store, the conversation, and one notify after another.
type office struct {
	t     *testing.T
	store *sqlite.Store
	there *conversation
	api   string
	run   *process
}

func newOffice(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	there := &conversation{failures: map[string][]func(http.ResponseWriter){}}
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	o := &office{t: t, store: sqlitetest.Open(t), there: there, api: server.URL}
	change := monitor.CatalogChange{PutChannels: []monitor.Channel{defined("editable")}}
	if _, err := o.store.ChangeCatalog(t.Context(), 0, change); err != nil {
		t.Fatal(err)
	}
	o.restart(o.store, 0)
	return o
}

// restart ends the process that runs and starts one whose clock is ahead.
func (o *office) restart(notices storage.Notices, ahead time.Duration) {
	if o.run != nil {
		o.run.stop()
	}
	resolve := func(_, text string) (string, error) { return text, nil }
	n := notify.New(notify.Parts{
		Notices: notices, Catalog: o.store, Shards: shards, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
		Send:  notify.ByKind(slack.New(o.api, "", resolve).Send, nil),
		Clock: func() time.Time { return time.Now().Add(ahead) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			o.t.Errorf("got %v from Run, want nil", err)
		}
	})
	o.t.Cleanup(stop)
	o.run = &process{w: &world{t: o.t}, handler: n.Handler(), stop: stop}
}

// tell hands a change to the process and waits until Slack shows what is wanted
// and the notice is done with.
func (o *office) tell(sequence int, kind monitor.Change, to monitor.Health, want ...string) {
	o.t.Helper()
	c := change("a", sequence, "editable")
	c.Change = kind
	c.Transition = monitor.Transition{To: to, Reason: "because", At: c.Decided, Evidence: []string{"a check"}}
	o.run.tell(c)
	o.awaits(sequence, want...)
}

func (o *office) awaits(sequence int, want ...string) {
	o.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		notices, err := o.store.NoticesOf(o.t.Context(), "a")
		if err != nil {
			o.t.Fatal(err)
		}
		if n := len(notices); n > 0 && notices[n-1].Sequence == sequence && notices[n-1].Accepted > 0 {
			break
		}
		select {
		case <-tick.C:
		case <-deadline:
			o.t.Fatalf("notice %d was never accepted: %+v", sequence, notices)
		}
	}
	if diff := cmp.Diff(want, o.there.shows()); diff != "" {
		o.t.Errorf("after change %d: want -, got +:\n%s", sequence, diff)
	}
}

func TestSlackLife(t *testing.T) {
	t.Parallel()

	t.Run("an incident is one message through a pause, updates and a restart", func(t *testing.T) {
		o := newOffice(t)
		o.there.fails("chat.postMessage", func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		began := time.Now()
		o.tell(1, monitor.Opened, monitor.Down, "DOWN")
		if waited := time.Since(began); waited < time.Second {
			t.Errorf("got the message after %s, want the second that Slack asked for", waited)
		}
		o.tell(2, monitor.Updated, monitor.Degraded, "DEGRADED", "  DEGRADED")
		o.restart(o.store, 0)
		o.tell(3, monitor.Updated, monitor.Down, "DOWN", "  DEGRADED", "  DOWN")
		o.tell(4, monitor.Resolved, monitor.Up, "RESOLVED", "  DEGRADED", "  DOWN", "  RESOLVED")
	})

	t.Run("an edit that fails once is repeated, its line is not", func(t *testing.T) {
		o := newOffice(t)
		o.tell(1, monitor.Opened, monitor.Down, "DOWN")
		o.there.fails("chat.update", refuse("internal_error"))
		o.there.fails("chat.postMessage", refuse("internal_error"))
		o.tell(2, monitor.Resolved, monitor.Up, "RESOLVED", "  RESOLVED")
	})

	t.Run("a message that somebody deleted is followed by a new one, which lives on", func(t *testing.T) {
		o := newOffice(t)
		o.tell(1, monitor.Opened, monitor.Down, "DOWN")
		o.there.fails("chat.update", refuse("message_not_found"))
		o.tell(2, monitor.Updated, monitor.Degraded, "DOWN", "DEGRADED")
		o.tell(3, monitor.Resolved, monitor.Up, "DOWN", "RESOLVED", "  RESOLVED")
	})

	t.Run("a process that dies before it keeps the receipt leaves one message all the same", func(t *testing.T) {
		o := newOffice(t)
		o.restart(&mortal{Notices: o.store, writes: 2}, 0)
		c := change("a", 1, "editable")
		c.Transition = monitor.Transition{To: monitor.Down, Reason: "because"}
		o.run.tell(c)
		for o.there.count() == 0 {
			<-time.After(time.Millisecond)
		}
		o.restart(o.store, 2*time.Minute)
		o.awaits(1, "DOWN")
		o.tell(2, monitor.Resolved, monitor.Up, "RESOLVED", "  RESOLVED")
	})
}

func (c *conversation) count() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.messages)
}
