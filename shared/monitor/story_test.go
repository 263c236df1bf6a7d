package monitor_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// start is when the stories begin.
const start = monitor.Instant(1_700_000_000_000)

// at returns the due time of the nth check of a story: one a second.
func at(n int) monitor.Instant { return start.Add(time.Duration(n) * time.Second) }

// story turns letters into results a second apart: p passed, d degraded,
// f failed, u unknown, m failed by hand, c failed as a confirmation, l failed
// after a lost connection, r passed after one.
func story(letters string) []monitor.Result {
	rows := make([]monitor.Result, 0, len(letters))
	for n, letter := range letters {
		rows = append(rows, check(letter, n))
	}
	return rows
}

func check(letter rune, n int) monitor.Result {
	r := monitor.Result{Endpoint: "shop/cart", Location: "local", Due: at(n), Start: at(n), Kind: monitor.Scheduled, Micros: 1000}
	switch letter {
	case 'p':
		r.Outcome = monitor.Passed
	case 'd':
		r.Outcome, r.Reason = monitor.OutcomeDegraded, "too slow"
	case 'f':
		r.Outcome, r.Fault, r.Reason = monitor.Failed, monitor.FaultRefused, "nothing listens"
	case 'u':
		r.Outcome, r.Fault, r.Reason = monitor.OutcomeUnknown, monitor.FaultObserver, "no sockets left"
	case 'm':
		r.Outcome, r.Kind = monitor.Failed, monitor.Manual
	case 'c':
		r.Outcome, r.Kind = monitor.Failed, monitor.Confirm
	case 'l':
		r.Outcome, r.Kind = monitor.Failed, monitor.Connection
	case 'r':
		r.Outcome, r.Kind = monitor.Passed, monitor.Connection
	}
	return r
}

var cart = monitor.Endpoint{
	Namespace: "shop", ID: "cart", Name: "The cart", HTTP: monitor.HTTP{URL: "https://shop.example/cart"},
	Alert: monitor.Alert{After: 3, Recover: 2, Channels: []string{"oncall"}},
}

// life is a state with all that became of it.
type life struct {
	monitor.State
	transitions []monitor.Transition
	changes     []monitor.IncidentChange
}

func newLife() *life { return &life{State: monitor.NewState("shop/cart")} }

// live takes the results in, and returns whether a step had to be saved.
func (l *life) live(policy monitor.Alert, rows ...monitor.Result) (matters bool) {
	e := cart
	e.Alert = policy
	for i := range rows {
		next, transition := l.Next(&rows[i], policy)
		matters = matters || next.Matters(l.State)
		l.step(next, transition, &e)
	}
	return matters
}

func (l *life) step(next monitor.State, transition *monitor.Transition, e *monitor.Endpoint) {
	next, change := next.Track(e, transition)
	if transition != nil {
		l.transitions = append(l.transitions, *transition)
	}
	if change != nil {
		l.changes = append(l.changes, *change)
	}
	l.State = next
}

func policies() *rapid.Generator[monitor.Alert] {
	return rapid.Custom(func(t *rapid.T) monitor.Alert {
		return monitor.Alert{
			After: rapid.IntRange(1, 4).Draw(t, "after"), Recover: rapid.IntRange(1, 4).Draw(t, "recover"),
			For: monitor.Duration(rapid.IntRange(0, 6).Draw(t, "for")) * monitor.Duration(time.Second),
		}
	})
}

func letters(alphabet string) *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]rune(alphabet)), 0, 60), func(r []rune) string { return string(r) })
}
