package query

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// fillBack is how far back the cells of a rarely checked endpoint are filled.
const fillBack = 6 * time.Hour

// filling fills the cells of every endpoint from the windows, so that a start
// does not empty the dashboard's bars. It reads one endpoint after the other,
// since nobody waits for it.
func (q *Query) filling(ctx context.Context) {
	now := monitor.At(q.clock())
	for _, d := range q.memory.toFill(now) {
		from := now.Add(-min(recentCells*d.interval, fillBack))
		for _, location := range q.memory.locationsLike("") {
			rows, err := q.history.Results(ctx, d.key, location, from, now)
			if err != nil {
				if ctx.Err() == nil {
					q.log.WarnContext(ctx, "cannot fill the newest checks; they come by and by", telemetry.KeyError, err)
				}
				return
			}
			q.memory.fill(d.key, rows)
		}
	}
}

// toFill is an endpoint with the time between two checks of it.
type toFill struct {
	*definition
	interval time.Duration
}

// toFill returns what is watched.
func (m *memory) toFill(now monitor.Instant) []toFill {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]toFill, len(m.sorted))
	for i, r := range m.sorted {
		all[i] = toFill{r.definition, time.Duration(r.cadence(now)) * r.endpoint.Interval.D()}
	}
	return all
}

// fill enters older results of one endpoint; the live stream tells its cells
// whole.
func (m *memory) fill(key string, rows []monitor.Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rows[key]
	if !ok {
		return
	}
	entered := -1
	for i := range rows {
		number := m.location(rows[i].Location)
		if r.see(&rows[i], m.locations[number], number) != nowhere {
			entered = i
		}
	}
	if entered < 0 {
		return
	}
	m.news.result(r, &rows[entered], within)
	if r.health == monitor.Unknown && r.reason == notChecked {
		m.believe(r, r.plain())
	}
}
