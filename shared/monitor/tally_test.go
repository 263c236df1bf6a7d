package monitor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestTally(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		results string
		want    monitor.Tally // of the last change
	}{
		"an opening counts the failures that led to it":       {"ppfff", monitor.Tally{Since: at(2), Checks: 3, Failed: 3, Micros: 1000}},
		"a resolution counts the whole outage":                {"pfffpfdffpp", monitor.Tally{Since: at(1), Checks: 10, Failed: 6, Micros: 1000}},
		"what nobody saw and what a person asked is left out": {"fuffmupp", monitor.Tally{Since: at(0), Checks: 5, Failed: 3, Micros: 1000}},
		"a lone failure before is not part of it":             {"fppfff", monitor.Tally{Since: at(3), Checks: 3, Failed: 3, Micros: 1000}},
		"the next outage begins anew":                         {"fffppfff", monitor.Tally{Since: at(5), Checks: 3, Failed: 3, Micros: 1000}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(cart.Alert, story(test.results)...)
			if diff := cmp.Diff(test.want, l.changes[len(l.changes)-1].Tally); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestSight(t *testing.T) {
	t.Parallel()
	l := newLife()
	rows := story("fff")
	for i := range rows {
		rows[i].Status, rows[i].Extract = 500+i, "what the server said"
		rows[i].Unmet = make([]monitor.Unmet, 9)
		rows[i].Unmet[0] = monitor.Unmet{Expectation: "status", Want: "200-299", Got: "500"}
	}
	l.live(cart.Alert, rows...)
	saw := l.changes[0].Transition.Saw
	if saw.Status != 500 || len(saw.Unmet) != monitor.MaxUnmet || saw.Unmet[0].Expectation != "status" {
		t.Errorf("got %+v, want what the first failing check saw, %d misses at most", saw, monitor.MaxUnmet)
	}
	told, err := json.Marshal(l.changes)
	if err != nil || strings.Contains(string(told), rows[0].Extract) {
		t.Errorf("got error %v and %s, want nothing of the answer's body in what channels are told", err, told)
	}
}
