package webhook_test

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var start = monitor.At(time.Date(2026, 11, 22, 8, 30, 0, 250e6, time.UTC))

func opened() monitor.IncidentChange {
	transition := monitor.Transition{
		From: monitor.Up, To: monitor.Down, At: start, Decided: start.Add(time.Second),
		Reason: "2 checks in a row failed: answered 503, want 200-299", Fault: monitor.FaultExpectation,
		Evidence: []string{"shop/checkout@local@1", "shop/checkout@local@2"},
	}
	return monitor.IncidentChange{
		Shard: 7, Change: monitor.Opened, Transition: transition, Decided: start.Add(1012 * time.Millisecond),
		URL: "https://shop.example/health?a=1&b=<2>", Channels: []string{"hook"},
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
		Reason: "2 checks in a row passed",
	}
	change.Change, change.Transition, change.Decided = monitor.Resolved, transition, transition.Decided.Add(9*time.Millisecond)
	change.Incident.Sequence, change.Incident.Ended = 2, transition.At
	return change
}

func noticeOf(change monitor.IncidentChange) monitor.Notice { return change.Notices(change.Decided)[0] }
