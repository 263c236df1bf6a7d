package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// SeriesView is an endpoint's history in cells of one width, oldest first.
// Cells without any result are absent: a gap is a gap.
type SeriesView struct {
	Tier    monitor.Tier `json:"tier" enum:"minute,hour,day" doc:"The rollups that the cells were made of"`
	Seconds int          `json:"cell_seconds" doc:"Width of one cell"`
	From    Moment       `json:"from"`
	To      Moment       `json:"to"`
	Cells   []SeriesCell `json:"cells"`
	Summary Figures      `json:"summary" doc:"The same figures over the whole range"`
}

// SeriesCell is one cell of a series.
type SeriesCell struct {
	Start Moment `json:"start"`
	Figures
}

// Figures sum up the scheduled checks of a span of time. Latencies are of
// passed and degraded checks, in microseconds, and absent where there is none.
type Figures struct {
	Passed   int      `json:"passed"`
	Degraded int      `json:"degraded"`
	Failed   int      `json:"failed"`
	Unknown  int      `json:"unknown"`
	Spared   int      `json:"spared,omitempty" doc:"Due times without a check, since the endpoint had been down for long; they count as failed in the uptime"`
	Late     int      `json:"late" doc:"Checks that started 50 ms or more after their due time"`
	Uptime   *float64 `json:"uptime,omitempty" doc:"(passed + degraded) / (passed + degraded + failed + spared); absent without a conclusive check"`
	P50      int64    `json:"p50_us,omitempty"`
	P95      int64    `json:"p95_us,omitempty"`
	P99      int64    `json:"p99_us,omitempty"`
	Min      int64    `json:"min_us,omitempty"`
	Max      int64    `json:"max_us,omitempty"`
}
