package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxAhead is how far in the future a check may have been due: more means that
// the clock of its probe is wrong.
const maxAhead = 10 * time.Minute

// sift returns the results without the rows that do not belong in this shard or
// this time; those are rejected, like the ones that decoding rejected already.
// The results themselves are shared, and stay as they are.
func (s *Store) sift(results *events.ProbeResults, now monitor.Instant) *events.ProbeResults {
	good := 0
	for good < len(results.Rows) && s.wrong(&results.Rows[good], results.Shard, now) == "" {
		good++
	}
	if good == len(results.Rows) {
		return results
	}
	kept := &events.ProbeResults{Shard: results.Shard, Location: results.Location, Rejected: slices.Clone(results.Rejected)}
	for i := range results.Rows {
		row := &results.Rows[i]
		reason := s.wrong(row, results.Shard, now)
		if reason == "" {
			kept.Rows = append(kept.Rows, *row)
			continue
		}
		kept.Rejected = append(kept.Rejected, events.RowRejected{
			Shard: results.Shard, Location: results.Location, Reason: reason, Row: events.AppendRow(nil, row),
		})
	}
	return kept
}

// wrong says what is wrong with a row, or nothing.
func (s *Store) wrong(r *monitor.Result, shard int, now monitor.Instant) string {
	switch {
	case r.Due > now.Add(maxAhead):
		return fmt.Sprintf("due: is %s ahead: set the clock of the probe", monitor.Duration(r.Due.Sub(now)))
	case monitor.ShardOf(r.Endpoint, s.parts.Shards) != shard:
		return fmt.Sprintf("endpoint: belongs to shard %d, not %d", monitor.ShardOf(r.Endpoint, s.parts.Shards), shard)
	default:
		return ""
	}
}

// report emits rejected rows, one event each, under IDs that stay the same when
// they are rejected again.
func (s *Store) report(ctx context.Context, rejected []events.RowRejected, emit events.Emit) error {
	if len(rejected) == 0 {
		return nil
	}
	out := make([]events.Event, len(rejected))
	for i := range rejected {
		row := &rejected[i]
		head := events.Head{ID: rejectedID(row), Source: "store", Key: monitor.ShardKey(row.Shard)}
		out[i] = events.New(events.TypeRowRejected, head, row)
	}
	if err := emit(ctx, out...); err != nil {
		return err
	}
	s.metrics.rejected.Add(float64(len(rejected)))
	return nil
}

func rejectedID(row *events.RowRejected) string {
	hash := fnv.New128a()
	_, _ = fmt.Fprintf(hash, "%d %q ", row.Shard, row.Location)
	_, _ = hash.Write(row.Row)
	return fmt.Sprintf("%x", hash.Sum(nil))
}
