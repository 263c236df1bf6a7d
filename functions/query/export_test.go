package query

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// SummaryBothWays returns the JSON of an endpoint's summary as the list writes
// it, and as encoding/json writes it: that of an endpoint that has been down for
// so long.
func SummaryBothWays(e monitor.Endpoint, down time.Duration, last *monitor.Result, reason, incident string) (byHand, byJSON []byte) {
	r := newRow(newDefinition(&e, 4))
	r.belief = belief{health: monitor.Down, since: last.Due, reason: reason, incident: incident}
	r.see(last, last.Location, 0)
	i := r.item(last.Due.Add(down))
	return appendSummary(nil, &i), encoded(i.summary())
}

// RecentOf returns the cells that are left of the results.
func RecentOf(results []monitor.Result) string {
	r := newRow(newDefinition(&monitor.Endpoint{Namespace: "ns", ID: "a"}, 4))
	for i := range results {
		r.see(&results[i], results[i].Location, 0)
	}
	l := r.cells.letters()
	return string(l.text())
}
