package standalone_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	endpoints = 200
	victim    = "endpoint-007"
	victimKey = "shop/" + victim
)

// outage is the script that every way of running the monitor passes: 200
// endpoints at one second, one of them fails and recovers, and both people and
// programs hear of it exactly once.
func outage(t *testing.T, w *world, base string) {
	t.Helper()
	api := client{t: t, base: base}
	await(t, "all endpoints are up", 2*time.Minute, func() bool {
		return api.counts()["up"] == endpoints
	})
	live := follow(t, base, victimKey)

	healthyUntil := time.Now()
	w.fail(victim, true)
	await(t, "the opening is told", time.Minute, func() bool { return len(w.hooks()) >= 1 && w.slackHeard(1) })
	await(t, "the list shows the endpoint down", time.Minute, func() bool { return api.endpoint()["health"] == "down" })
	failingUntil := time.Now()
	w.fail(victim, false)
	await(t, "the resolution is told", time.Minute, func() bool { return len(w.hooks()) >= 2 && w.slackHeard(2) })
	await(t, "the list shows the endpoint up", time.Minute, func() bool { return api.endpoint()["health"] == "up" })

	settled := w.checks(victim)
	await(t, "five more checks", time.Minute, func() bool { return w.checks(victim) >= settled+5 })
	assertTold(t, w)
	incident := assertIncident(t, api)
	assertBackDated(t, api, incident, healthyUntil, failingUntil)
	await(t, "the stream showed both", time.Minute, func() bool {
		return live.saw("incident", `"open":true`) && live.saw("incident", `"open":false`) && live.saw("endpoints", victimKey)
	})
}

// assertTold holds the webhook and Slack to one opening and one resolution: in
// Slack one message, edited once, with one line in its thread.
func assertTold(t *testing.T, w *world) {
	t.Helper()
	hooks := w.hooks()
	if len(hooks) != 2 {
		t.Fatalf("the webhook got %d notices, want 2: %v", len(hooks), hooks)
	}
	for i, want := range []string{"opened", "resolved"} {
		data, _ := hooks[i]["data"].(map[string]any)
		if data["change"] != want || data["endpoint"] != victimKey {
			t.Errorf("notice %d is %v of %v, want %s of %s", i+1, data["change"], data["endpoint"], want, victimKey)
		}
	}
	if hooks[0]["id"] == hooks[1]["id"] {
		t.Errorf("both notices have the ID %v", hooks[0]["id"])
	}
	posted, edited, lines := w.slacked()
	for what, said := range map[string]struct {
		texts []string
		word  string
	}{"messages": {posted, "DOWN"}, "edits": {edited, "RESOLVED"}, "lines of a thread": {lines, "RESOLVED"}} {
		if len(said.texts) != 1 || !strings.Contains(said.texts[0], said.word) {
			t.Errorf("Slack got the %s %q, want one that says %s", what, said.texts, said.word)
		}
	}
}

func assertIncident(t *testing.T, api client) map[string]any {
	t.Helper()
	items := api.items("/api/v1/incidents")
	if len(items) != 1 {
		t.Fatalf("got %d incidents, want 1: %v", len(items), items)
	}
	incident := items[0]
	if incident["endpoint"] != victimKey || incident["open"] != false {
		t.Errorf("got incident of %v, open %v; want %s, closed", incident["endpoint"], incident["open"], victimKey)
	}
	notices := api.items(fmt.Sprintf("/api/v1/incidents/%v/notices", incident["id"]))
	if len(notices) != 4 {
		t.Errorf("got %d notices of the incident, want 4", len(notices))
	}
	for _, notice := range notices {
		if notice["accepted"] == nil {
			t.Errorf("a notice has no receipt: %v", notice)
		}
	}
	return incident
}

// assertBackDated holds the incident's start to its first failing check.
func assertBackDated(t *testing.T, api client, incident map[string]any, healthyUntil, failingUntil time.Time) {
	t.Helper()
	failed := api.items("/api/v1/endpoints/" + victimKey + "/results?outcome=failed&limit=1000")
	if len(failed) < 2 {
		t.Fatalf("got %d failed results, want at least 2", len(failed))
	}
	first := failed[len(failed)-1]
	if incident["started"] != first["due"] {
		t.Errorf("the incident started at %v, want the first failing check's due time %v", incident["started"], first["due"])
	}
	started, err := time.Parse(time.RFC3339, fmt.Sprint(incident["started"]))
	if err != nil || started.Before(healthyUntil.Add(-time.Minute)) || started.After(failingUntil) {
		t.Errorf("the incident started at %v, want between %v and %v", incident["started"], healthyUntil, failingUntil)
	}
}

// client reads the API.
type client struct {
	t    *testing.T
	base string
}

func (c client) get(path string) map[string]any {
	var answer map[string]any
	response, err := http.Get(c.base + path)
	if err != nil {
		return nil
	}
	defer func() { _ = response.Body.Close() }()
	if json.NewDecoder(response.Body).Decode(&answer) != nil {
		return nil
	}
	return answer
}

func (c client) items(path string) []map[string]any {
	c.t.Helper()
	list, ok := c.get(path)["items"].([]any)
	if !ok {
		c.t.Fatalf("%s answers no list", path)
	}
	items := make([]map[string]any, 0, len(list))
	for _, item := range list {
		items = append(items, item.(map[string]any))
	}
	return items
}

func (c client) counts() map[string]int {
	counts := map[string]int{}
	raw, _ := c.get("/api/v1/endpoints?limit=1")["counts"].(map[string]any)
	for health, n := range raw {
		counts[health] = int(n.(float64))
	}
	return counts
}

func (c client) endpoint() map[string]any { return c.get("/api/v1/endpoints/" + victimKey) }

// stream collects what /live sends.
type stream struct {
	mu     sync.Mutex
	events []string // "name data"
}

func follow(t *testing.T, base, ids string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/live?ids="+ids, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("got content type %q, want text/event-stream", kind)
	}
	s := &stream{}
	done := make(chan struct{})
	t.Cleanup(func() { cancel(); <-done })
	go func() {
		defer close(done)
		defer func() { _ = response.Body.Close() }()
		s.read(bufio.NewScanner(response.Body))
	}()
	return s
}

func (s *stream) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 1<<20)
	name := ""
	for lines.Scan() {
		if event, found := strings.CutPrefix(lines.Text(), "event: "); found {
			name = event
		}
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			s.mu.Lock()
			s.events = append(s.events, name+" "+data)
			s.mu.Unlock()
		}
	}
}

func (s *stream) saw(name, part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, event := range s.events {
		if strings.HasPrefix(event, name+" ") && strings.Contains(event, part) {
			return true
		}
	}
	return false
}
