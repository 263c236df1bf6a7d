package slack_test

import (
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var start = monitor.At(time.Date(2026, 11, 22, 8, 30, 0, 250e6, time.UTC))

func opened() monitor.IncidentChange {
	transition := monitor.Transition{
		From: monitor.Up, To: monitor.Down, At: start, Decided: start.Add(time.Second),
		Reason: "2 checks in a row failed: status: got 503, want 200-299 (and 1 more)",
		Fault:  monitor.FaultExpectation,
		Saw: monitor.Sight{Status: 503, Micros: 84_600, Unmet: []monitor.Unmet{
			{Expectation: "status", Want: "200-299", Got: "503"},
			{Expectation: "json.status", Want: `"ok"`, Got: ""},
		}},
		Evidence: []string{"shop/checkout@local@1", "shop/checkout@local@2"},
	}
	return monitor.IncidentChange{
		Shard: 7, Change: monitor.Opened, Transition: transition, Decided: start.Add(1012 * time.Millisecond),
		URL: "https://shop.example/health?a=1&b=2", Channels: []string{"oncall", "hook"},
		Tally: monitor.Tally{Since: start, Checks: 2, Failed: 2, Micros: 91_000},
		Incident: monitor.Incident{
			ID: "00c0ffee00c0ffeemi9x", Namespace: "shop", Endpoint: "shop/checkout", Name: "Checkout",
			Started: start, Reason: transition.Reason, Fault: transition.Fault, Sequence: 1,
			Timeline: []monitor.Transition{transition},
		},
	}
}

// refused is an opening without any answer.
func refused() monitor.IncidentChange {
	change := opened()
	change.Transition.Reason = "2 checks in a row failed: cannot connect to shop.example:443: connection refused"
	change.Transition.Fault, change.Transition.Saw = monitor.FaultRefused, monitor.Sight{Micros: 1_900}
	change.Incident.Reason, change.Incident.Fault = change.Transition.Reason, change.Transition.Fault
	change.Incident.Timeline = []monitor.Transition{change.Transition}
	return change
}

func next(to monitor.Health, after time.Duration, reason string) monitor.IncidentChange {
	change := opened()
	change.Change = monitor.Updated
	change.Transition = monitor.Transition{
		From: monitor.Down, To: to, At: start.Add(after), Decided: start.Add(after + time.Second),
		Reason: reason, Evidence: []string{"shop/checkout@local@3", "shop/checkout@local@4"},
	}
	change.Decided = change.Transition.Decided.Add(9 * time.Millisecond)
	change.Incident.Sequence = 2
	return change
}

// eased is an outage that goes on with slow answers.
func eased() monitor.IncidentChange {
	change := next(monitor.Degraded, 90*time.Second, "2 checks in a row degraded: latency: got 2.1s, want 500ms")
	change.Tally = monitor.Tally{Since: start, Checks: 92, Failed: 88, Micros: 2_104_000}
	return change
}

func resolved() monitor.IncidentChange {
	change := next(monitor.Up, 252*time.Second, "2 checks in a row passed")
	change.Change, change.Incident.Ended = monitor.Resolved, change.Transition.At
	change.Incident.Sequence = 3
	change.Tally = monitor.Tally{Since: start, Checks: 254, Failed: 88, Micros: 45_200}
	return change
}

// retired is an incident of an endpoint that was taken out of the catalog.
func retired() monitor.IncidentChange {
	change := resolved()
	change.Transition.Reason, change.Transition.Evidence = "the endpoint is no longer watched", nil
	return change
}

// hostile says what an endpoint's owner or its server might say to lure or to
// break the message.
func hostile() monitor.IncidentChange {
	change := opened()
	change.Incident.Name = "<!channel> & \x00*bold*\n" + strings.Repeat("&", 300)
	change.Transition.Reason = "1 check failed: got <https://evil.example|your bank> & " + strings.Repeat("ä<", 3000)
	change.Incident.Reason = change.Transition.Reason
	change.URL = "https://shop.example/a|b>c" + strings.Repeat("&", 3000)
	change.Channels = []string{strings.Repeat("&", 3000)}
	change.Incident.Timeline[0].Saw.Unmet = nil
	for range monitor.MaxUnmet {
		change.Incident.Timeline[0].Saw.Unmet = append(change.Incident.Timeline[0].Saw.Unmet, monitor.Unmet{
			Expectation: "json." + strings.Repeat("<", 500), Want: strings.Repeat("&", 500), Got: "<!channel>" + strings.Repeat(">", 500),
		})
	}
	return change
}

func noticeOf(change monitor.IncidentChange) monitor.Notice {
	notice := change.Notices(change.Decided)[0]
	notice.Attempts = 1
	return notice
}
