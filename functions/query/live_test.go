package query_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// watching runs the test in fake time with a running kit that has three
// endpoints, and with what writes its tail.
func watching(t *testing.T, test func(*testing.T, *kit, func(events.Event))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k, emit := watched(t)
		test(t, k, emit)
	})
}

func watched(t *testing.T) (*kit, func(events.Event)) {
	t.Helper()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"), endpoint("ns", "b"), endpoint("ns", "c"))
	k.run(t)
	return k, k.receiver(t)
}

// decide does what alert does of a change: it saves the state, then emits.
func decide(t *testing.T, k *kit, emit func(events.Event), change *monitor.IncidentChange) {
	t.Helper()
	state := monitor.State{
		Endpoint: change.Incident.Endpoint, Health: change.Transition.To,
		Since: change.Transition.At, Reason: change.Transition.Reason,
	}
	if change.Change != monitor.Resolved {
		state.Incident = &change.Incident
	}
	believe(t, k, state)
	emit(changeEvent(*change))
}

// dueIs fits the event that holds the endpoint's result due so long before
// noon.
func dueIs(t *testing.T, key string, before time.Duration) func(sent) bool {
	want := query.Moment(noon.Add(-before))
	return func(e sent) bool {
		for _, item := range items(t, []sent{e}) {
			if item.Key == key && item.Last != nil && item.Last.Due == want {
				return true
			}
		}
		return false
	}
}

func TestLiveHeaders(t *testing.T) {
	t.Parallel()
	k, _ := watched(t)
	_, response := dial(t, k.serve(t), "ns/a")
	got := response.Header
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
		}
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	t.Run("it begins with the counts and the named endpoints whole", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			emit(resultsEvent(result("ns/a", 2*time.Second, monitor.Passed)))
			emit(resultsEvent(result("ns/a", time.Second, monitor.Failed)))
			s := k.connect(t, "ns/a,ns/nothing", "")
			first := s.next()
			if first.kind != "counts" || first.data != `{"up":1,"degraded":0,"down":0,"unknown":2,"total":3}` {
				t.Errorf("got %+v, want counts", first)
			}
			got := items(t, []sent{s.next()})
			want := []query.LiveEndpoint{{
				Key: "ns/a", Health: monitor.Up, Recent: "pf",
				Last: &query.LiveResult{
					Due: query.Moment(noon - 1000), Outcome: monitor.Failed, Micros: 1234, Reason: "nothing listens at shop.example:443",
				},
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("results come of named endpoints, health of all", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			s := k.connect(t, "ns/a", "")
			s.until(kind("endpoints"))
			emit(resultsEvent(result("ns/b", 3*time.Second, monitor.Passed)))
			emit(resultsEvent(result("ns/a", 2*time.Second, monitor.Passed)))
			emit(resultsEvent(result("ns/a", time.Second, monitor.OutcomeDegraded)))
			letters := map[string]string{}
			for _, item := range items(t, s.until(dueIs(t, "ns/a", time.Second))) {
				if item.Health != monitor.Up {
					t.Errorf("got %s %s, want up", item.Key, item.Health)
				}
				letters[item.Key] += item.Letter
			}
			if diff := cmp.Diff(map[string]string{"ns/a": "pd", "ns/b": ""}, letters); diff != "" {
				t.Errorf("letters (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("an incident is told at once, with the health of its endpoint", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			s := k.connect(t, "", "")
			opened, resolved := outage(endpoint("ns", "a"), time.Minute)
			decide(t, k, emit, &opened)
			all := s.until(kind("endpoints"))
			told := items(t, all)
			if len(told) != 1 || told[0].Health != monitor.Down || told[0].Incident != opened.Incident.ID {
				t.Errorf("got %+v, want ns/a down with its incident", told)
			}
			var incident query.IncidentView
			must(t, json.Unmarshal([]byte(all[len(all)-2].data), &incident))
			if incident.ID != opened.Incident.ID || !incident.Open {
				t.Errorf("got incident %+v, want %s open", incident, opened.Incident.ID)
			}
			decide(t, k, emit, &resolved)
			for _, item := range items(t, s.until(kind("endpoints"))) {
				if item.Health != monitor.Up || item.Incident != "" {
					t.Errorf("got %+v, want ns/a up without incident", item)
				}
			}
		})
	})
	t.Run("an endpoint that has been down for long comes with its interval", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			s := k.connect(t, "", "")
			opened, resolved := outage(endpoint("ns", "a"), 31*time.Minute)
			for _, change := range []*monitor.IncidentChange{&opened, &resolved} {
				decide(t, k, emit, change)
				got := items(t, s.until(kind("endpoints")))
				want := map[monitor.Health]monitor.Duration{monitor.Down: monitor.Duration(4 * time.Second), monitor.Up: 0}
				if len(got) != 1 || got[0].Health != change.Transition.To || got[0].Pace != want[change.Transition.To] {
					t.Errorf("got %+v, want ns/a %s, every 4s while it is down", got, change.Transition.To)
				}
			}
		})
	})
	t.Run("a change of the catalog is told", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, _ func(events.Event)) {
			s := k.connect(t, "", "")
			define(t, k, endpoint("ns", "d"))
			all := s.until(kind("catalog"))
			if got := all[len(all)-1].data; got != `{"revision":2}` {
				t.Errorf("got %s, want revision 2", got)
			}
		})
	})
	t.Run("a result that comes late replaces all cells", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			emit(resultsEvent(result("ns/a", time.Second, monitor.Passed)))
			s := k.connect(t, "ns/a", "")
			s.until(kind("endpoints"))
			emit(resultsEvent(result("ns/a", 2*time.Second, monitor.Failed)))
			got := items(t, s.until(kind("endpoints")))
			if len(got) != 1 || got[0].Recent != "fp" || got[0].Letter != "" || got[0].Last.Outcome != monitor.Passed {
				t.Errorf("got %+v, want the cells fp and the newest result", got)
			}
		})
	})
	t.Run("an extra check is told with its kind, and adds no cell", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			emit(resultsEvent(result("ns/a", 3*time.Second, monitor.Passed)))
			s := k.connect(t, "ns/a", "")
			s.until(kind("endpoints"))
			confirm := result("ns/a", 2*time.Second, monitor.Failed)
			confirm.Kind = monitor.Confirm
			emit(resultsEvent(confirm))
			emit(resultsEvent(result("ns/a", time.Second, monitor.OutcomeDegraded)))
			var told []string
			for _, item := range items(t, s.until(dueIs(t, "ns/a", time.Second))) {
				told = append(told, string(item.Last.Kind)+" "+string(item.Last.Outcome)+" "+item.Letter+item.Recent)
			}
			if diff := cmp.Diff([]string{"confirm failed ", " degraded d"}, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("the stream outlives the server's timeout for reading", func(t *testing.T) {
		t.Parallel()
		k, emit := watched(t)
		s, _ := dial(t, k.serve(t), "ns/a")
		s.until(kind("endpoints"))
		select {
		case e, ok := <-s.events:
			t.Fatalf("got %+v (open: %v), want silence", e, ok)
		case <-time.After(time.Second):
		}
		emit(resultsEvent(result("ns/a", time.Second, monitor.Passed)))
		s.until(dueIs(t, "ns/a", time.Second))
	})
}

func TestLiveResume(t *testing.T) {
	t.Parallel()
	t.Run("a client that comes back has no gap and nothing twice", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			const checks = 40
			at := func(i int) time.Duration { return time.Duration(checks-i) * time.Second }
			letters := "pfdu"
			outcomes := []monitor.Outcome{monitor.Passed, monitor.Failed, monitor.OutcomeDegraded, monitor.OutcomeUnknown}
			recent, last, want := "", "", ""
			for i := range checks {
				emit(resultsEvent(result("ns/a", at(i), outcomes[i%4])))
				want += letters[i%4 : i%4+1]
				if i%8 != 5 {
					continue
				}
				s := k.connect(t, "ns/a", last)
				for _, item := range items(t, s.until(dueIs(t, "ns/a", at(i)))) {
					if item.Recent != "" {
						recent = ""
					}
					recent += item.Recent + item.Letter
				}
				last = s.last
				s.close()
				if recent != want {
					t.Fatalf("after check %d: got cells %q, want %q", i, recent, want)
				}
			}
		})
	})
	t.Run("health changes and incidents that were missed are told, others not", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			emit(resultsEvent(result("ns/c", time.Second, monitor.Passed)))
			s := k.connect(t, "", "")
			s.next()
			last := s.last
			s.close()
			a, b := endpoint("ns", "a"), endpoint("ns", "b")
			openedA, resolvedA := outage(a, time.Minute)
			openedB, _ := outage(b, time.Minute)
			for _, change := range []monitor.IncidentChange{openedA, resolvedA, openedB} {
				decide(t, k, emit, &change)
			}
			all := k.connect(t, "", last).until(kind("endpoints"))
			kinds := map[string]int{}
			for _, e := range all {
				kinds[e.kind]++
			}
			if diff := cmp.Diff(map[string]int{"counts": 1, "incident": 3, "endpoints": 1}, kinds); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			healths := map[string]monitor.Health{}
			for _, item := range items(t, all) {
				healths[item.Key] = item.Health
			}
			if diff := cmp.Diff(map[string]monitor.Health{"ns/a": monitor.Up, "ns/b": monitor.Down}, healths); diff != "" {
				t.Errorf("healths (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("a client that saw all is told no more than the counts", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			opened, _ := outage(endpoint("ns", "a"), time.Minute)
			decide(t, k, emit, &opened)
			s := k.connect(t, "", "")
			s.next()
			again := k.connect(t, "", s.last)
			again.next()
			emit(resultsEvent(result("ns/c", time.Second, monitor.Passed)))
			if got := again.until(kind("endpoints")); len(items(t, got)) != 1 || items(t, got)[0].Key != "ns/c" {
				t.Errorf("got %+v, want ns/c alone", got)
			}
		})
	})
	for name, last := range map[string]string{
		"a position of another run": "zzz-1", "a position that was never reached": "", "text that is no position": "x",
	} {
		t.Run(name+" is resynced", func(t *testing.T) {
			t.Parallel()
			watching(t, func(t *testing.T, k *kit, _ func(events.Event)) {
				s := k.connect(t, "", "")
				run, _, _ := strings.Cut(s.next().id, "-")
				if last == "" {
					last = run + "-99999"
				}
				again := k.connect(t, "", last)
				if first, second := again.next(), again.next(); first.kind != "counts" || second.kind != "resync" {
					t.Errorf("got %+v, %+v, want counts and resync", first, second)
				}
			})
		})
	}
	t.Run("a client that missed too many incidents is resynced", func(t *testing.T) {
		t.Parallel()
		watching(t, func(t *testing.T, k *kit, emit func(events.Event)) {
			s := k.connect(t, "", "")
			s.next()
			last := s.last
			s.close()
			opened, _ := outage(endpoint("ns", "a"), time.Minute)
			for i := range 1001 {
				opened.Incident.ID = fmt.Sprint("incident", i)
				emit(changeEvent(opened))
			}
			k.connect(t, "", last).until(kind("resync"))
		})
	})
	t.Run("a tail that missed events resyncs everyone", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, k *kit) {
			receive := <-k.feed.receivers
			s := k.connect(t, "ns/a", "")
			s.until(kind("endpoints"))
			last := s.last
			arrive(t, k, result("ns/a", time.Second, monitor.Passed))
			receive(events.Tailed{Position: "y", Resync: true})
			s.until(kind("resync"))
			if got := items(t, k.connect(t, "ns/a", "").until(kind("endpoints"))); got[0].Recent != "p" {
				t.Errorf("got cells %q, want what the tail missed", got[0].Recent)
			}
			k.connect(t, "", last).until(kind("resync"))
		})
	})
}

func TestLiveRefused(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	many := strings.Repeat("ns/a,", 200) + "ns/a"
	for name, ids := range map[string]string{"more than 200 endpoints": many, "a key without namespace": "a", "an empty ID": "ns/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := k.get("/api/v1/live?ids=" + ids).Code; got != http.StatusBadRequest {
				t.Errorf("got status %d, want 400", got)
			}
		})
	}
}

// TestTailBegins has a result stored while the host has not begun its tail yet.
func TestTailBegins(t *testing.T) {
	t.Parallel()
	var k *kit
	k = newKit(t, func(p *query.Parts) {
		p.Follow = func(ctx context.Context, position string, receive func(events.Tailed)) error {
			arrive(t, k, result("ns/a", time.Second, monitor.Passed))
			if position != "" {
				receive(events.Tailed{Position: "x", Resync: true})
			}
			<-ctx.Done()
			return nil
		}
	})
	define(t, k, endpoint("ns", "a"))
	k.run(t)
	s := k.connect(t, "ns/a", "")
	if got := items(t, s.until(dueIs(t, "ns/a", time.Second))); len(got) == 0 {
		t.Error("got nothing, want the result that came before the tail began")
	}
}
