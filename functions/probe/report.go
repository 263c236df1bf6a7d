package probe

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// The times of reporting.
const (
	ReportEvery = 2 * time.Second       // how long a result that is no news may wait
	coalesce    = 10 * time.Millisecond // how long news waits for more of it
	firstRetry  = 100 * time.Millisecond
	lastRetry   = 2 * time.Second
)

// report brings the rows of one shard out on behalf of one round.
type report struct {
	round *round
	lane  *lane
	last  atomic.Int64 // the number behind the round's last row
	part  int          // of the next event; used by whoever has the lane's turn
	err   error        // of the last flush; read after the round's reporting is over
}

func (r *report) noteLast(number int64) {
	for {
		last := r.last.Load()
		if number < last || r.last.CompareAndSwap(last, number+1) {
			return
		}
	}
}

func (r *round) startReports(ctx context.Context) {
	started := map[*report]bool{}
	for _, report := range r.reports {
		if !started[report] {
			started[report] = true
			r.reporting.Go(func() { report.run(ctx) })
		}
	}
}

// endReports waits until all rows of the round are out, and returns why some
// are not.
func (r *round) endReports() error {
	r.reporting.Wait()
	for _, report := range r.reports {
		if report.err != nil {
			return monitor.Wrap(monitor.Unavailable, report.err, "results of shard %d could not be reported", report.lane.shard)
		}
	}
	return nil
}

// run reports until the round is done and its rows had their time, and then
// once more. What hangs by then has Drain left, and so has the last report: the
// request to probe is not held for those who are away, and the rows that are
// left wait for the rounds to come.
func (r *report) run(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.round.ended, func() {
		timer := time.AfterFunc(Drain, cancel)
		context.AfterFunc(limited, func() { timer.Stop() })
	})()
	for limited.Err() == nil && r.wait() {
		_ = r.flush(limited, r.lane.end()) // what is left is tried again
	}
	last, cancelLast := context.WithTimeout(ctx, Drain)
	defer cancelLast()
	r.err = r.flush(last, r.last.Load())
}

// wait returns true when it is time to report, and false for the last time: when
// the round is done and its rows are out, or their shard has its turn, or
// everything stops.
func (r *report) wait() bool {
	turn := time.NewTimer(r.lane.untilTurn(r.round.now()))
	defer turn.Stop()
	ended, stopping := r.round.ended.Done(), (<-chan struct{})(nil)
	for {
		select {
		case <-ended:
			if r.lane.out(r.last.Load()) {
				return false
			}
			ended, stopping = nil, r.round.stopping.Done()
		case <-stopping:
			return false
		case <-turn.C:
			return ended != nil
		case <-r.lane.news:
			r.coalesce()
			return true
		}
	}
}

func (r *report) coalesce() {
	timer := time.NewTimer(coalesce)
	defer timer.Stop()
	select {
	case <-r.round.ended.Done():
	case <-timer.C:
	}
}

// flush emits the rows up to, not including, the number, and with them what
// shares their last event. It tries again until ctx ends; the rows that are
// not out by then stay, and another round may take them along.
func (r *report) flush(ctx context.Context, until int64) error {
	for retry := firstRetry; ; retry = min(2*retry, lastRetry) {
		err := r.flushOnce(ctx, until)
		if err == nil {
			return nil
		}
		timer := time.NewTimer(retry)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			r.lane.call()
			return err
		}
	}
}

func (r *report) flushOnce(ctx context.Context, until int64) error {
	select {
	case r.lane.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.lane.turn }()
	for {
		rows, end := r.lane.portion(until)
		if len(rows) == 0 {
			return nil
		}
		err := r.round.emit(ctx, r.event(rows))
		if err != nil && monitor.CodeOf(err) != monitor.Invalid {
			return err
		}
		if gone := r.lane.forget(end); err != nil {
			r.round.metrics.dropped.Add(float64(gone))
			r.round.parts.Log.Error("results refused", telemetry.KeyShard, r.lane.shard, telemetry.KeyRows, gone, telemetry.KeyError, err)
			r.round.metrics.buffered.Sub(float64(gone))
		} else {
			r.round.metrics.buffered.Sub(float64(gone))
		}
	}
}

// event returns the rows as an event: slot-shard-location-run-part.
func (r *report) event(rows []monitor.Result) events.Event {
	shard := monitor.ShardKey(r.lane.shard)
	id := strconv.FormatInt(int64(r.round.due.Slot), 10) + "-" + shard + "-" + r.lane.location + "-" +
		strconv.FormatInt(r.round.id, 10) + "-" + strconv.Itoa(r.part)
	r.part++
	return events.New(events.TypeProbeResults,
		events.Head{ID: id, Source: "probe", Key: shard},
		&events.ProbeResults{Shard: r.lane.shard, Location: r.lane.location, Rows: rows})
}
