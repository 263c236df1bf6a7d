package query

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// tailPage is how many events of a tail are read at once.
const tailPage = 500

// unfolded hands the results of a shard that are in the tail but not in the
// windows yet to receive, event by event and oldest first. It returns the mark
// behind which it read. Read the tail before the windows: a row that is folded
// in between is then seen twice rather than never.
func (q *Query) unfolded(ctx context.Context, shard int, receive func([]monitor.Result)) (int64, error) {
	folded, err := q.tail.Folded(ctx, shard)
	if err != nil {
		return 0, err
	}
	for after := folded; ; {
		rows, err := q.tail.TailRows(ctx, shard, after, tailPage)
		if err != nil {
			return 0, err
		}
		for i := range rows {
			var results events.ProbeResults
			if err := events.DecodeResults(rows[i].Data, &results); err != nil {
				q.log.WarnContext(ctx, "an event in the tail cannot be read", telemetry.KeyShard, shard, telemetry.KeyPosition, rows[i].Seq, telemetry.KeyError, err)
				continue
			}
			receive(results.Rows)
		}
		if len(rows) < tailPage {
			return folded, nil
		}
		after = rows[len(rows)-1].Seq
	}
}

// unfoldedOf returns the endpoint's results that are not in the windows yet,
// by location and in the order in which they arrived, and the mark.
func (q *Query) unfoldedOf(ctx context.Context, d *definition) (map[string][]monitor.Result, int64, error) {
	fresh := map[string][]monitor.Result{}
	mark, err := q.unfolded(ctx, d.shard, func(rows []monitor.Result) {
		for i := range rows {
			if rows[i].Endpoint == d.key {
				fresh[rows[i].Location] = append(fresh[rows[i].Location], rows[i])
			}
		}
	})
	return fresh, mark, err
}

// between returns the results with due times in [from, to).
func between(rows []monitor.Result, from, to monitor.Instant) []monitor.Result {
	var inside []monitor.Result
	for i := range rows {
		if rows[i].Due >= from && rows[i].Due < to {
			inside = append(inside, rows[i])
		}
	}
	return inside
}
