package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
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
	posts   []message // Slack's, the oldest first
	bad     []string  // requests that make no sense
}

// The channels that are told.
const (
	hook   = "hook"
	slow   = "slow"
	oncall = "oncall" // Slack
)

const (
	slowest = 400 * time.Millisecond
	maxBody = 1 << 20
)

func newSink(moment func(point)) (*sink, error) {
	s := &sink{moment: moment}
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
