package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// news is what has changed in memory since the live stream last looked.
type news struct {
	any       bool
	unheard   bool // nobody wants results, so they are not collected
	catalog   bool
	resync    bool // results may have been missed
	beliefs   []*row
	results   []seen
	incidents []monitor.IncidentChange
}

// seen is one result, as the live stream tells it.
type seen struct {
	row    *row
	result LiveResult
	letter byte // 0: it has no cell at the end
	whole  bool // its cell is not the newest one, so all of them are to be told
}

// maxSeen is how many results wait for the live stream; with more than that,
// its clients fetch everything again.
const maxSeen = 20_000

func (n *news) result(r *row, result *monitor.Result, where place) {
	n.any = true
	if n.unheard {
		return
	}
	if len(n.results) == maxSeen {
		n.resync = true
		return
	}
	entry := seen{row: r, result: liveResult(result)}
	switch where {
	case atEnd:
		entry.letter = letterOf(result.Outcome)
	case aside:
	default:
		entry.whole = true
	}
	n.results = append(n.results, entry)
}

func (n *news) changed(r *row) {
	n.any = true
	n.beliefs = append(n.beliefs, r)
}

func (n *news) incident(change *monitor.IncidentChange) {
	n.any = true
	n.incidents = append(n.incidents, *change)
}
