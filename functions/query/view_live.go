package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// LiveCounts is the data of the live event counts, which also tells when the
// monitor begins to answer from memory alone, and when it need not any more.
type LiveCounts struct {
	Counts
	Total int    `json:"total"`
	Stale Moment `json:"stale_since,omitempty" doc:"Since when the store has not answered: health may be old; absent while it does"`
}

// LiveEndpoint is one item of the live event endpoints: an endpoint's health,
// and, where the client named the endpoint, a result of it.
type LiveEndpoint struct {
	Key      string           `json:"key"`
	Health   monitor.Health   `json:"health" enum:"up,degraded,down,unknown"`
	Since    Moment           `json:"since,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Incident string           `json:"incident,omitempty"`
	Pace     monitor.Duration `json:"effective_interval,omitempty" example:"40s" doc:"Time between two checks now; absent: the interval"`
	Last     *LiveResult      `json:"last,omitempty"`
	Letter   string           `json:"letter,omitempty" enum:"p,d,f,u" doc:"The result's cell: append it to recent"`
	Recent   string           `json:"recent,omitempty" doc:"All cells: replaces recent"`
}

// LiveResult is a result in short.
type LiveResult struct {
	Due     Moment          `json:"due"`
	Kind    monitor.Kind    `json:"kind,omitempty" enum:"scheduled,confirm,connection,manual" doc:"Absent: scheduled. Others have no cell"`
	Outcome monitor.Outcome `json:"outcome" enum:"passed,degraded,failed,unknown"`
	Micros  int64           `json:"duration_us"`
	Status  int             `json:"status,omitempty"`
	Reason  string          `json:"reason,omitempty"`
}

// LiveCatalog is the data of the live event catalog: what is watched has
// changed, or whether the newest definitions of it are in force.
type LiveCatalog struct {
	Revision int64 `json:"revision"`
}

func liveResult(r *monitor.Result) LiveResult {
	live := LiveResult{Due: Moment(r.Due), Outcome: r.Outcome, Micros: r.Micros, Status: r.Status, Reason: r.Reason}
	if r.Kind != monitor.Scheduled {
		live.Kind = r.Kind
	}
	return live
}

// live is what the stream tells of a row's health, and how often it is checked.
func (r *row) live(now monitor.Instant) LiveEndpoint {
	return LiveEndpoint{
		Key: r.key, Health: r.health, Since: Moment(r.since), Reason: r.reason, Incident: r.incident, Pace: r.pace(now),
	}
}

// liveWhole is that with its cells and its newest result.
func (r *row) liveWhole(now monitor.Instant) LiveEndpoint {
	e := r.live(now)
	if r.last.due != 0 {
		result := r.last.result(r.key)
		last := liveResult(&result)
		e.Last = &last
	}
	recent := r.cells.letters()
	e.Recent = string(recent.text())
	return e
}
