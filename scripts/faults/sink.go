package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// delivery is one request that a provider accepted.
type delivery struct {
	channel  string
	incident string
	what     string // tells the notices of one incident apart
	began    time.Time
	accepted time.Time
}

// sink is everybody who is told: two webhooks, one of them slow, and the part
// of Slack's Web API that posts. All of them can be down. It is the last book
// of the ledger: what was really told.
type sink struct {
	server *server
	moment func(point) // told when a webhook is being called

	mu      sync.Mutex
	down    bool
	taken   []delivery
	refused int
	posts   map[string]string // Slack's messages: the incident of each, by the time that names it
	bad     []string          // requests that make no sense
}

// The channels that are told.
const (
	hook   = "hook"
	slow   = "slow"
	oncall = "oncall" // Slack
)

const (
	slackToken = "xoxb-faults"
	slowest    = 400 * time.Millisecond
	maxBody    = 1 << 20
)

func newSink(moment func(point)) (*sink, error) {
	s := &sink{moment: moment, posts: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hook/{channel}", s.serveHook)
	mux.HandleFunc("POST /slack/{method}", s.serveSlack)
	var err error
	s.server, err = listen(mux)
	return s, err
}

// setDown makes every provider refuse, or take notices again.
func (s *sink) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// refuses tells whether the providers are down, and counts what they refuse.
func (s *sink) refuses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		s.refused++
	}
	return s.down
}

func (s *sink) accept(d delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.accepted = time.Now()
	s.taken = append(s.taken, d)
}

func (s *sink) complain(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad = append(s.bad, fmt.Sprintf(format, args...))
}

// deliveries returns what was accepted, in order, and what made no sense.
func (s *sink) deliveries() (taken []delivery, bad []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery(nil), s.taken...), append([]string(nil), s.bad...)
}

func (s *sink) serveHook(w http.ResponseWriter, r *http.Request) {
	d := delivery{channel: r.PathValue("channel"), began: time.Now()}
	var event struct {
		ID   string `json:"id"`
		Data struct {
			Change   string `json:"change"`
			Incident struct {
				ID string `json:"id"`
			} `json:"incident"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&event); err != nil || event.Data.Incident.ID == "" {
		if err == nil { // else the process died while it wrote
			s.complain("a webhook without an incident: %+v", event)
		}
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	d.incident, d.what = event.Data.Incident.ID, event.Data.Change
	s.moment(beforeAcceptance)
	if d.channel == slow {
		linger(r, rand.N(slowest)) //nolint:gosec // any delay will do
	}
	if s.refuses() {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	s.accept(d)
	s.moment(afterAcceptance)
	w.WriteHeader(http.StatusNoContent)
}

// linger waits, or less if the caller is gone.
func linger(r *http.Request, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// incidentID is how an incident's ID looks within a message.
var incidentID = regexp.MustCompile(`\b[0-9a-f]{16}[0-9a-z]{8}\b`)

func (s *sink) serveSlack(w http.ResponseWriter, r *http.Request) {
	d := delivery{channel: oncall, began: time.Now()}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if s.refuses() {
		_, _ = io.WriteString(w, `{"ok":false,"error":"service_unavailable"}`)
		return
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil || !form.Has("channel") {
		s.complain("a call of Slack's %s without a channel", r.PathValue("method"))
	}
	d.what = firstWord(form.Get("text")) + form.Get("thread_ts")
	d.incident = incidentID.FindString(form.Get("text") + form.Get("blocks") + form.Get("attachments"))
	if !strings.Contains(r.Header.Get("Authorization")+string(raw), slackToken) {
		s.complain("a call of Slack's %s without the token", r.PathValue("method"))
	}
	stamp := ""
	if r.PathValue("method") == "chat.postMessage" {
		stamp = s.post(d, form.Get("thread_ts"))
	}
	_, _ = fmt.Fprintf(w, `{"ok":true,"channel":"C0123456","ts":%q,"message":{},"messages":[]}`, stamp)
}

// post takes a message, which is of the incident that the message is of whose
// thread it continues, and returns the time that names it.
func (s *sink) post(d delivery, thread string) string {
	s.mu.Lock()
	if of, found := s.posts[thread]; found {
		d.incident = of
	}
	stamp := fmt.Sprintf("1700000000.%06d", len(s.posts)+1)
	s.posts[stamp] = d.incident
	s.mu.Unlock()
	s.accept(d)
	return stamp
}

// firstWord tells an opening from a resolution.
func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
