package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestStateNext(t *testing.T) {
	t.Parallel()
	three := monitor.Alert{After: 3, Recover: 2}
	tests := map[string]struct {
		results string
		policy  monitor.Alert
		want    monitor.Health
		since   int // number of the check that it is back-dated to; -1: never changed
	}{
		"nothing yet is up":                                 {"", three, monitor.Up, -1},
		"two failures are not yet down":                     {"pff", three, monitor.Up, -1},
		"the third failure in a row is":                     {"pfff", three, monitor.Down, 1},
		"a pass in between starts over":                     {"pffpff", three, monitor.Up, -1},
		"so does a slow answer":                             {"pffdff", three, monitor.Up, -1},
		"an unknown check in between does not":              {"pfufuf", three, monitor.Down, 1},
		"nor does one by hand":                              {"pfmfmmf", three, monitor.Down, 1},
		"failures that confirm one count":                   {"pfcc", three, monitor.Down, 1},
		"so do those after a lost connection":               {"plcf", three, monitor.Down, 1},
		"and passes after one":                              {"fccrp", three, monitor.Up, 3},
		"unknown checks alone change nothing":               {"uuuuuuuu", three, monitor.Up, -1},
		"checks by hand alone change nothing":               {"mmmmmmmm", three, monitor.Up, -1},
		"one pass does not end an outage":                   {"fffp", three, monitor.Down, 0},
		"two do":                                            {"fffpp", three, monitor.Up, 3},
		"a failure between them starts over":                {"fffpfp", three, monitor.Down, 0},
		"three slow answers are degraded":                   {"pddd", three, monitor.Degraded, 1},
		"two are not":                                       {"pdd", three, monitor.Up, -1},
		"a fast one between them starts over":               {"ddpdd", three, monitor.Up, -1},
		"two fast answers end it":                           {"dddpp", three, monitor.Up, 3},
		"one does not":                                      {"dddpdp", three, monitor.Degraded, 0},
		"degraded becomes down":                             {"dddfff", three, monitor.Down, 3},
		"down becomes degraded where all answers are slow":  {"fffdd", three, monitor.Degraded, 3},
		"and up where the last ones are not":                {"fffdp", three, monitor.Up, 3},
		"and up where only the last one is":                 {"fffpd", three, monitor.Up, 3},
		"with after 1 the last one alone is degraded":       {"fpd", monitor.Alert{After: 1, Recover: 2}, monitor.Degraded, 2},
		"a policy of zeros means one":                       {"f", monitor.Alert{}, monitor.Down, 0},
		"and one pass ends it":                              {"fp", monitor.Alert{}, monitor.Up, 1},
		"a minimum failing time holds it back":              {"ffffffffff", monitor.Alert{After: 3, For: monitor.Duration(10 * time.Second)}, monitor.Up, -1},
		"until it is over":                                  {"fffffffffff", monitor.Alert{After: 3, For: monitor.Duration(10 * time.Second)}, monitor.Down, 0},
		"and it is counted from the first failure of a row": {"ffpffffffffff", monitor.Alert{After: 3, For: monitor.Duration(10 * time.Second)}, monitor.Up, -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(test.policy, story(test.results)...)
			since := monitor.Instant(0)
			if test.since >= 0 {
				since = at(test.since)
			}
			if l.Health != test.want || l.Since != since {
				t.Errorf("got %s since %d, want %s since %d", l.Health, l.Since, test.want, since)
			}
		})
	}
}

func TestTransition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		results string
		want    monitor.Transition
	}{
		"to down names the first failure's reason and fault": {"pfff", monitor.Transition{
			From: monitor.Up, To: monitor.Down, At: at(1), Decided: at(3), Reason: "3 checks in a row failed: nothing listens",
			Fault: monitor.FaultRefused, Saw: monitor.Sight{Micros: 1000}, Evidence: evidence(1, 2, 3),
		}},
		"to up says how many passed": {"fffpp", monitor.Transition{
			From: monitor.Down, To: monitor.Up, At: at(3), Decided: at(4), Reason: "2 checks in a row passed",
			Saw: monitor.Sight{Micros: 1000}, Evidence: evidence(3, 4),
		}},
		"to degraded names the first slow answer's reason": {"ddd", monitor.Transition{
			From: monitor.Up, To: monitor.Degraded, At: at(0), Decided: at(2), Reason: "3 checks in a row degraded: too slow",
			Saw: monitor.Sight{Micros: 1000}, Evidence: evidence(0, 1, 2),
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(cart.Alert, story(test.results)...)
			if diff := cmp.Diff(test.want, l.transitions[len(l.transitions)-1]); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
	t.Run("names ten checks at most, the first ones", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(monitor.Alert{After: 20}, story("ffffffffffffffffffff")...)
		if diff := cmp.Diff(evidence(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), l.transitions[0].Evidence); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("of one check says so", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(monitor.Alert{After: 1}, story("f")...)
		if got, want := l.transitions[0].Reason, "1 check failed: nothing listens"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func evidence(numbers ...int) (ids []string) {
	for _, n := range numbers {
		r := check('f', n)
		ids = append(ids, r.ID().String())
	}
	return ids
}

func TestStateSilent(t *testing.T) {
	t.Parallel()
	second, slot := time.Second, 10*time.Second
	tests := map[string]struct {
		results  string
		interval time.Duration
		waited   time.Duration
		reason   string
		want     monitor.Health
		text     string
	}{
		"less than three slots is none":            {"p", second, 29 * time.Second, "", monitor.Up, ""},
		"three slots are":                          {"p", second, 30 * time.Second, "", monitor.Unknown, "no conclusive result for 30s"},
		"three intervals, where longer":            {"p", time.Minute, 179 * time.Second, "", monitor.Up, ""},
		"and no less":                              {"p", time.Minute, 180 * time.Second, "", monitor.Unknown, "no conclusive result for 3m"},
		"a known cause is told":                    {"p", second, time.Minute, "no sockets left", monitor.Unknown, "no conclusive result for 30s: no sockets left"},
		"an endpoint that is down becomes unknown": {"fff", second, time.Minute, "", monitor.Unknown, "no conclusive result for 30s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(cart.Alert, story(test.results)...)
			last := at(len(test.results) - 1)
			before := l.Health
			next, transition := l.Silent(last, last.Add(test.waited), test.interval, slot, test.reason)
			if next.Health != test.want {
				t.Fatalf("got %s, want %s", next.Health, test.want)
			}
			if test.want != monitor.Unknown {
				return
			}
			want := &monitor.Transition{From: before, To: monitor.Unknown, At: last, Decided: last.Add(test.waited), Reason: test.text}
			if diff := cmp.Diff(want, transition); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
	t.Run("is told once", func(t *testing.T) {
		t.Parallel()
		state, _ := monitor.NewState("shop/cart").Silent(at(0), at(60), second, slot, "")
		if again, transition := state.Silent(at(0), at(120), second, slot, ""); transition != nil || !cmp.Equal(state, again) {
			t.Errorf("got %+v, want nothing", transition)
		}
	})
	t.Run("of an endpoint that was never seen is none", func(t *testing.T) {
		t.Parallel()
		if _, transition := monitor.NewState("shop/cart").Silent(0, at(60), second, slot, ""); transition != nil {
			t.Errorf("got %+v, want nothing", transition)
		}
	})
	t.Run("ends with one pass where nothing was wrong before, and starts every count over", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(cart.Alert, story("ff")...)
		l.State, _ = l.Silent(at(1), at(60), second, slot, "")
		l.live(cart.Alert, check('f', 61))
		if l.Health != monitor.Unknown {
			t.Errorf("got %s, want unknown still", l.Health)
		}
		l.live(cart.Alert, check('p', 62))
		if l.Health != monitor.Up {
			t.Errorf("got %s, want up", l.Health)
		}
	})
	t.Run("with an open incident ends with as many passes as an outage", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		l.live(cart.Alert, story("fff")...)
		next, transition := l.Silent(at(2), at(60), second, slot, "")
		l.step(next, transition, &cart)
		l.live(cart.Alert, check('p', 61))
		if l.Health != monitor.Unknown || l.Incident == nil {
			t.Errorf("got %s after one pass, want unknown and an incident", l.Health)
		}
		l.live(cart.Alert, check('p', 62))
		if l.Health != monitor.Up || l.Incident != nil {
			t.Errorf("got %s after two, want up and no incident", l.Health)
		}
	})
}
