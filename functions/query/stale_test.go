package query_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// pressedKit is a kit whose store can be away, and whose clock runs from noon
// on. Of its three endpoints ns/a is down.
type pressedKit struct {
	*kit
	felt   *storagetest.Pressed
	emit   func(events.Event)
	opened monitor.IncidentChange
	log    *logged
	began  time.Time
}

// logged is what was logged at Info and above.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes what is logged.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) lines() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), "\n")
}

// pressing runs the test in fake time.
func pressing(t *testing.T, test func(*testing.T, *pressedKit)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := &pressedKit{log: &logged{}, began: time.Now()}
		k.kit = newKit(t, func(p *query.Parts) {
			k.felt = storagetest.Press(p.History.(storage.Store))
			p.History, p.Tail, p.States, p.Incidents, p.Notices, p.Catalog = k.felt, k.felt, k.felt, k.felt, k.felt, k.felt
			p.Ready = k.felt.Ready
			p.Clock = func() time.Time { return noon.Time().Add(time.Since(k.began)) }
			p.Log = slog.New(slog.NewTextHandler(k.log, nil))
		})
		define(t, k.kit, endpoint("ns", "a"), endpoint("ns", "b"), endpoint("ns", "quiet"))
		k.opened, _ = outage(endpoint("ns", "a"), 2*time.Minute)
		must(t, k.store.PutIncident(t.Context(), k.opened.Incident))
		k.down(t, "ns/a")
		k.run(t)
		k.emit = k.receiver(t)
		k.emit(resultsEvent(result("ns/a", time.Second, monitor.Failed)))
		eventually(t, "what is down", func() bool { return k.list(t).Counts.Down == 1 })
		test(t, k)
	})
}

// down saves that the endpoint is down, as alert does.
func (k *pressedKit) down(t *testing.T, key string) {
	t.Helper()
	believe(t, k.kit, monitor.State{
		Endpoint: key, Health: monitor.Down, Since: noon - 4000, Reason: "as the test wants", Incident: &k.opened.Incident,
	})
}

func (k *pressedKit) list(t *testing.T) query.EndpointList {
	t.Helper()
	return read[query.EndpointList](t, k.kit, "/api/v1/endpoints")
}

// pass lets the time pass, in which the query does what it does.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func moods() map[string]storagetest.Mood {
	return map[string]storagetest.Mood{"that refuses": storagetest.Refuse, "that hangs": storagetest.Hang(10 * time.Second)}
}

func TestStale(t *testing.T) {
	t.Parallel()
	for name, mood := range moods() {
		t.Run("a store "+name+": answers say since when they are stale", func(t *testing.T) {
			t.Parallel()
			pressing(t, func(t *testing.T, k *pressedKit) {
				k.answersWhileAway(t, mood)
			})
		})
		t.Run("a store "+name+": what must be read from it is refused soon", func(t *testing.T) {
			t.Parallel()
			pressing(t, func(t *testing.T, k *pressedKit) {
				k.felt.Feel(mood)
				pass(10 * time.Second)
				for _, path := range []string{
					"endpoints/ns/a/results", "endpoints/ns/a/series", "incidents", "incidents/x", "incidents/" + k.opened.Incident.ID + "/notices",
				} {
					begun, answer := time.Now(), k.get("/api/v1/"+path)
					problem := decode[query.Problem](t, answer)
					if answer.Code != http.StatusServiceUnavailable || problem.Code != monitor.Unavailable || answer.Header().Get("Retry-After") != "5" {
						t.Errorf("%s: got status %d, retry after %q, %+v, want 503 and when to ask again",
							path, answer.Code, answer.Header().Get("Retry-After"), problem)
					}
					if took := time.Since(begun); took > 5*time.Second {
						t.Errorf("%s: took %s, want an answer soon", path, took)
					}
				}
			})
		})
		t.Run("a store "+name+" for an hour: the log hears of the begin and of the end", func(t *testing.T) {
			t.Parallel()
			pressing(t, func(t *testing.T, k *pressedKit) {
				k.felt.Feel(mood)
				before := k.felt.Calls()
				pass(time.Hour)
				if calls := k.felt.Calls() - before; calls > 2*3600 {
					t.Errorf("got %d calls of the store in an hour, want about one a second", calls)
				}
				k.felt.Feel(nil)
				pass(20 * time.Second)
				if got := k.log.lines(); got != 2 {
					t.Errorf("got %d lines in the log, want 2:\n%s", got, k.log.text.String())
				}
			})
		})
	}
	t.Run("a slow store is not stale", func(t *testing.T) {
		t.Parallel()
		pressing(t, func(t *testing.T, k *pressedKit) {
			k.felt.Feel(storagetest.Slow(500 * time.Millisecond))
			for range 60 {
				pass(time.Second)
				if since := k.list(t).Stale; since != 0 {
					t.Fatalf("got stale since %d, want an answer that is not", since)
				}
			}
		})
	})
	t.Run("one look that fails is nothing to tell", func(t *testing.T) {
		t.Parallel()
		pressing(t, func(t *testing.T, k *pressedKit) {
			k.felt.Feel(storagetest.Refuse)
			pass(time.Second)
			k.felt.Feel(nil)
			pass(5 * time.Second)
			if k.log.lines() != 0 {
				t.Errorf("got %s, want nothing in the log", k.log.text.String())
			}
		})
	})
}

// answersWhileAway holds that memory answers, that its answers say how old they
// are, and that all is as it was stored once they do not any more.
func (k *pressedKit) answersWhileAway(t *testing.T, mood storagetest.Mood) {
	t.Helper()
	pass(5 * time.Second) // in which all is read that is worth it
	felt := query.Moment(noon.Add(time.Since(k.began)))
	k.felt.Feel(mood)
	pass(10 * time.Second)
	since := k.list(t).Stale
	if since > felt || since < felt-3000 {
		t.Errorf("got stale since %d, want a moment before %d, when the store went away", since, felt)
	}
	k.emit(resultsEvent(result("ns/b", time.Second, monitor.Passed)))
	list := k.list(t)
	if list.Counts != (query.Counts{Up: 1, Down: 1, Unknown: 1}) || list.Items[1].Last == nil {
		t.Errorf("got %+v, want what came since as well", list)
	}
	stale := struct {
		Stale query.Moment `json:"stale_since"`
	}{since}
	id := k.opened.Incident.ID
	for _, path := range []string{"namespaces", "endpoints", "endpoints/ns/a", "incidents?open=true", "incidents/" + id, "me"} {
		got := stale
		got.Stale = 0
		must(t, json.Unmarshal(k.get("/api/v1/"+path).Body.Bytes(), &got))
		if diff := cmp.Diff(stale, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	open := read[query.IncidentList](t, k.kit, "/api/v1/incidents?open=true")
	if len(open.Items) != 1 || open.Items[0].ID != id {
		t.Errorf("got open incidents %+v, want the one that is known", open.Items)
	}
	believe(t, k.kit, monitor.State{Endpoint: "ns/quiet", Health: monitor.Degraded, Since: noon})
	k.felt.Feel(nil)
	eventually(t, "no stale answers", func() bool { return k.list(t).Stale == 0 })
	if got := k.list(t).Counts; got.Degraded != 1 {
		t.Errorf("got %+v in the first answer that is not stale, want what was decided meanwhile", got)
	}
}

// TestStaleLive has a live stream tell of a store that goes away and comes back,
// to who is there and to who comes meanwhile.
func TestStaleLive(t *testing.T) {
	t.Parallel()
	pressing(t, func(t *testing.T, k *pressedKit) {
		stale := func(is bool) func(sent) bool {
			return func(e sent) bool {
				return e.kind == "counts" && strings.Contains(e.data, `"stale_since":"2026-11-22T12:00`) == is
			}
		}
		s := k.connect(t, "", "")
		s.until(stale(false))
		k.felt.Feel(storagetest.Hang(10 * time.Second))
		s.until(stale(true))
		late := k.connect(t, "", s.last)
		late.until(stale(true))
		late.close()
		k.felt.Feel(nil)
		s.until(stale(false))
		k.connect(t, "", late.last).until(stale(false))
	})
}
