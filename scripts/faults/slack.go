package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const slackToken = "xoxb-faults"

// message is one message of Slack, as people see it in the end.
type message struct {
	delivery        // when it was posted
	stamp    string // the time that names it
	thread   string // the message that it answers; empty: it stands in the channel
	text     string // as it was last edited
}

// incidentID is how an incident's ID looks within a message.
var incidentID = regexp.MustCompile(`\b[0-9a-f]{16}[0-9a-z]{8}\b`)

// serveSlack posts and edits, as Slack's Web API does.
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
	if !strings.Contains(r.Header.Get("Authorization")+string(raw), slackToken) {
		s.complain("a call of Slack's %s without the token", r.PathValue("method"))
	}
	stamp := form.Get("ts")
	switch r.PathValue("method") {
	case "chat.postMessage":
		d.what = firstWord(form.Get("text")) + form.Get("thread_ts")
		d.incident = incidentID.FindString(form.Get("text") + form.Get("blocks") + form.Get("attachments"))
		stamp = s.post(message{delivery: d, thread: form.Get("thread_ts"), text: form.Get("text")})
	case "chat.update":
		s.edit(stamp, form.Get("text"))
	}
	_, _ = fmt.Fprintf(w, `{"ok":true,"channel":"C0123456","ts":%q,"message":{},"messages":[]}`, stamp)
}

// post takes a message, which is of the incident that the message is of whose
// thread it continues, and returns the time that names it.
func (s *sink) post(m message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.find(m.thread); at >= 0 {
		m.incident = s.posts[at].incident
	}
	m.stamp, m.accepted = fmt.Sprintf("1700000000.%06d", len(s.posts)+1), time.Now()
	s.posts = append(s.posts, m)
	s.taken = append(s.taken, m.delivery)
	return m.stamp
}

func (s *sink) edit(stamp, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.find(stamp)
	if at < 0 {
		s.bad = append(s.bad, "an edit of a message that was never posted: "+stamp)
		return
	}
	s.posts[at].text = text
}

// find returns where the message is; -1: there is none.
func (s *sink) find(stamp string) int {
	return slices.IndexFunc(s.posts, func(m message) bool { return m.stamp == stamp })
}

// messages returns what Slack shows.
func (s *sink) messages() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts)
}

// firstWord tells an opening from a resolution.
func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
