package probe

import (
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// spare says in the row of a scheduled check that the endpoint is checked less
// often, since it has been down for long, and how many due times before it were
// spared. It says neither once a check has passed, though slots that were planned
// before may still have few due times. The history is that before the row.
func (h History) spare(e *events.DueEndpoint, row *monitor.Result) {
	if e.Slowed == nil || h.up || h.good > 0 || row.Kind != monitor.Scheduled || row.Outcome == monitor.OutcomeUnknown {
		return
	}
	row.Spared = int(e.Due.Every/e.Slowed.Interval) - 1
	if row.Outcome == monitor.Failed {
		row.Reason += fmt.Sprintf("; checked every %s instead of %s, since it has been down for %s",
			e.Endpoint.Interval, e.Slowed.Interval, downFor(row.Due.Sub(e.Slowed.Since)))
	}
}

// downFor is a time in the steps that people think in, so that results in a row
// have the same reason: these take no room in storage.
func downFor(d time.Duration) monitor.Duration {
	step := time.Hour
	if d < time.Hour {
		step = 10 * time.Minute
	}
	return monitor.Duration(d.Truncate(step))
}
