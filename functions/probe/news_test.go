package probe_test

import (
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestNews(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		results string // one letter a check, a second apart: p passed, d degraded, f failed, u unknown, m manual
		want    string // ! for news
		policy  monitor.Alert
	}{
		"the first passes are, for what was before is not known": {"ppppp", "!!...", monitor.Alert{After: 3, Recover: 2}},
		"failures are up to the threshold":                       {"ppfffff", "!.!!!..", monitor.Alert{After: 3, Recover: 1}},
		"passes after them are until recovery":                   {"fpppp", "!!!!.", monitor.Alert{After: 1, Recover: 3}},
		"every change is":                                        {"pfpfpd", "!!!!!!", monitor.Alert{After: 1, Recover: 1}},
		"a degraded run is up to the larger threshold":           {"pddddd", "!!!!..", monitor.Alert{After: 1, Recover: 3}},
		"so is the failure with which the time is up":            {"fffffffff", "!....!...", monitor.Alert{After: 1, Recover: 1, For: monitor.Duration(5 * time.Second)}},
		"unknown ones never are, and change nothing":             {"pupuffu", "!...!..", monitor.Alert{After: 1, Recover: 1}},
		"manual ones always are, and change nothing":             {"pmpmf", "!!.!!", monitor.Alert{After: 1, Recover: 1}},
		"without thresholds only changes are":                    {"ppffpp", "!.!.!.", monitor.Alert{}},
	}
	outcomes := map[rune]monitor.Outcome{
		'p': monitor.Passed, 'd': monitor.OutcomeDegraded, 'f': monitor.Failed, 'u': monitor.OutcomeUnknown, 'm': monitor.Failed,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var history probe.History
			got := ""
			for i, letter := range test.results {
				row := monitor.Result{Outcome: outcomes[letter], Kind: monitor.Scheduled, Due: monitor.Instant(1000 * (i + 1))}
				if letter == 'm' {
					row.Kind = monitor.Manual
				}
				var news bool
				history, news = history.Next(&row, test.policy)
				got += map[bool]string{true: "!", false: "."}[news]
			}
			if got != test.want {
				t.Fatalf("got %s, want %s for %s", got, test.want, test.results)
			}
		})
	}
}
