package monitor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestTrack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		results string
		want    string
	}{
		"an outage opens and resolves":                {"fffpp", "opened down, resolved up"},
		"degraded is none":                            {"ddddpp", ""},
		"degraded during an outage is part of it":     {"fffddpp", "opened down, updated degraded, resolved up"},
		"so is down again":                            {"fffddfffpp", "opened down, updated degraded, updated down, resolved up"},
		"degraded before an outage is not part of it": {"dddfff", "opened down"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(cart.Alert, story(test.results)...)
			var steps []string
			for _, c := range l.changes {
				steps = append(steps, string(c.Change)+" "+string(c.Transition.To))
			}
			if got := strings.Join(steps, ", "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("opens with all that is known", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(cart.Alert, story("pfff")...)
		want := monitor.IncidentChange{
			Change: monitor.Opened, Transition: l.transitions[0], URL: "https://shop.example/cart", Channels: []string{"oncall"},
			Tally: monitor.Tally{Since: at(1), Checks: 3, Failed: 3, Micros: 1000},
			Incident: monitor.Incident{
				ID: monitor.IncidentID("shop/cart", at(1)), Namespace: "shop", Endpoint: "shop/cart", Name: "The cart", Started: at(1),
				Reason: "3 checks in a row failed: nothing listens", Fault: monitor.FaultRefused, Sequence: 1, Timeline: l.transitions,
			},
		}
		if diff := cmp.Diff(want, l.changes[0]); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		if got, want := l.changes[0].ID(), want.Incident.ID+"-1"; got != want {
			t.Errorf("got ID %s, want %s", got, want)
		}
	})
	t.Run("tells the end to those who were told the beginning", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(cart.Alert, story("fff")...)
		changed := cart
		changed.Alert.Channels = []string{"other"}
		for n := 3; n < 5; n++ {
			r := check('p', n)
			next, transition := l.Next(&r, changed.Alert)
			l.step(next, transition, &changed)
		}
		if diff := cmp.Diff([]string{"oncall"}, l.changes[1].Channels); diff != "" || len(l.Told) > 0 {
			t.Errorf("got %v left; want -, got +:\n%s", l.Told, diff)
		}
	})
	t.Run("keeps the first and the newest of a long story", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(monitor.Alert{After: 1, Recover: 1}, story(strings.Repeat("fd", 100))...)
		timeline := l.Incident.Timeline
		if len(timeline) != monitor.MaxTimeline || timeline[0].At != at(0) || timeline[99].At != at(199) || timeline[50].At <= timeline[49].At {
			t.Errorf("got %d transitions from %d to %d", len(timeline), timeline[0].At, timeline[len(timeline)-1].At)
		}
		if l.changes[0].Incident.Timeline[0].At != at(0) || len(l.changes[0].Incident.Timeline) != 1 {
			t.Error("got an old change that was written to")
		}
	})
	t.Run("ends what is no longer watched, never before it began", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(cart.Alert, story("pppfff")...)
		l.step(l.State, l.Retire(at(1)), &monitor.Endpoint{})
		end := l.changes[1]
		if end.Change != monitor.Resolved || end.Incident.Ended < end.Incident.Started || end.URL == "" || len(end.Channels) != 1 {
			t.Errorf("got %+v", end)
		}
	})
}

func TestIncidentID(t *testing.T) {
	t.Parallel()
	if a, b := monitor.IncidentID("shop/cart", at(1)), monitor.IncidentID("shop/cart", at(1)); a != b {
		t.Errorf("got %s and %s for the same incident", a, b)
	}
	seen := map[string]bool{}
	for _, endpoint := range []string{"shop/cart", "shop/till", "shop/cart1"} {
		for n := range 100 {
			seen[monitor.IncidentID(endpoint, at(n))] = true
		}
	}
	if len(seen) != 300 {
		t.Errorf("got %d IDs, want 300", len(seen))
	}
}
