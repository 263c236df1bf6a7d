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
	for _, d := range q.memory.definitions() {
		from := now.Add(-min(recentCells*d.endpoint.Interval.D(), fillBack))
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

// definitions returns what is watched.
func (m *memory) definitions() []*definition {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make([]*definition, len(m.sorted))
	for i, r := range m.sorted {
		all[i] = r.definition
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
