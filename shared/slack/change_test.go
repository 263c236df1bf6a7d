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
		Reason:   "2 checks in a row failed: cannot connect to shop.example:443: connection refused",
		Fault:    monitor.FaultRefused,
		Evidence: []string{"shop/checkout@local@1", "shop/checkout@local@2"},
	}
	return monitor.IncidentChange{
		Shard: 7, Change: monitor.Opened, Transition: transition, Decided: start.Add(1012 * time.Millisecond),
		URL: "https://shop.example/health?a=1&b=2", Channels: []string{"oncall"},
		Incident: monitor.Incident{
			ID: "00c0ffee00c0ffeemi9x", Namespace: "shop", Endpoint: "shop/checkout", Name: "Checkout",
			Started: start, Reason: transition.Reason, Fault: transition.Fault, Sequence: 1,
			Timeline: []monitor.Transition{transition},
		},
	}
}

func resolved() monitor.IncidentChange {
	change := opened()
	transition := monitor.Transition{
		From: monitor.Down, To: monitor.Up, At: start.Add(252 * time.Second), Decided: start.Add(253 * time.Second),
		Reason: "2 checks in a row passed", Evidence: []string{"shop/checkout@local@3", "shop/checkout@local@4"},
	}
	change.Change, change.Transition, change.Decided = monitor.Resolved, transition, transition.Decided.Add(9*time.Millisecond)
	change.Incident.Sequence, change.Incident.Ended = 2, transition.At
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
	change.Incident.Reason = "1 check failed: got <https://evil.example|your bank> & " + strings.Repeat("ä<", 3000)
	change.URL = "https://shop.example/a|b>c"
	return change
}

func noticeOf(change monitor.IncidentChange) monitor.Notice { return change.Notices(change.Decided)[0] }
