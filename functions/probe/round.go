package probe

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// round is one call of the handler: the due times of one event.
type round struct {
	*Probe
	due     *events.ProbeDue
	emit    events.Emit
	id      int64
	agenda  *agenda
	entries []*entry // by index of the endpoint

	stopping context.Context // ends when no more checks are to begin
	cut      context.Context // ends when those in flight are to end
	left     int             // due times that no check was begun for

	abandoned atomic.Int64 // checks that were cut off by the stop
	reports   []*report    // by index of the endpoint; one a shard
	reporting sync.WaitGroup
	ended     context.Context // ends when all rows of the round are kept
	end       context.CancelFunc
}

func (p *Probe) newRound(stopping, cut context.Context, due *events.ProbeDue, emit events.Emit) *round {
	now := p.now()
	ended, end := context.WithCancel(context.Background())
	r := &round{
		Probe: p, due: due, emit: emit, id: p.runID(),
		agenda: newAgenda(due.Endpoints), entries: p.book.open(due, now),
		stopping: stopping, cut: cut, ended: ended, end: end,
	}
	r.reports = make([]*report, len(due.Endpoints))
	byShard := map[int]*report{}
	for i := range due.Endpoints {
		shard := due.Endpoints[i].Shard
		if byShard[shard] == nil {
			byShard[shard] = &report{round: r, lane: p.lanes.open(shard, due.Location)}
		}
		r.reports[i] = byShard[shard]
	}
	return r
}

// work has every check made at its due time. It returns when all are under way
// or ctx has ended.
func (r *round) work(ctx context.Context) {
	r.agenda.begin(r.now(), func(endpoint int, at monitor.Instant) { r.wheel.put(at, r.planned(endpoint)) })
	if !ended(ctx, r.agenda.empty) || !r.watch(ctx) {
		r.wheel.drop(r)
	}
	r.left = r.agenda.close()
}

// planned is the next planned check of an endpoint.
func (r *round) planned(endpoint int) check {
	return check{round: r, endpoint: endpoint, kind: r.due.Kind}
}

// call is told by the wheel that due times of the endpoint have come, or that of
// an extra check.
func (r *round) call(c check) {
	if c.extra() {
		r.crew.take(c)
		return
	}
	now, endpoint := r.now(), c.endpoint
	for {
		next := r.deal(endpoint, now)
		if next > now {
			r.wheel.put(next, r.planned(endpoint))
		}
		if next == 0 || next > now {
			return
		}
	}
}

// deal has the next check of the endpoint made, or records why there is none.
// What another call of the handler has dealt with is left to it, and so is its
// result. It returns the due time after it, or 0.
func (r *round) deal(endpoint int, now monitor.Instant) (next monitor.Instant) {
	r.entries[endpoint].turn.Lock()
	defer r.entries[endpoint].turn.Unlock()
	at, next, ok := r.agenda.take(endpoint)
	if !ok {
		return 0
	}
	switch {
	case !r.entries[endpoint].dealt.first(r.due, at):
	case r.over(endpoint, at, now):
	case !r.entries[endpoint].take():
		if r.due.Kind == monitor.Scheduled && r.crew.relieve(check{r, endpoint, at, r.due.Kind}) {
			return next
		}
		r.metrics.overrun.Inc()
		r.miss(endpoint, at, monitor.FaultOverrun, "not made: the check before it was still running")
	default:
		r.crew.take(check{r, endpoint, at, r.due.Kind})
		return next
	}
	r.agenda.taken.Done()
	return next
}

// over tells whether it is too late for a check, and records that.
func (r *round) over(endpoint int, at, now monitor.Instant) bool {
	late := now.Sub(at)
	if r.due.Kind == monitor.Manual || late < r.due.Endpoints[endpoint].Endpoint.Interval.D() {
		return false
	}
	r.metrics.skipped.Inc()
	r.miss(endpoint, at, monitor.FaultSkipped, "not made: it was at least "+lateBy(late)+" late, and the next one was due")
	return true
}

// lateBy is a lateness in steps, so that results in a row have the same reason:
// these take no room in storage.
func lateBy(late time.Duration) string {
	step := time.Minute
	switch {
	case late < time.Second:
		step = 100 * time.Millisecond
	case late < time.Minute:
		step = time.Second
	}
	return monitor.Duration(late.Truncate(step)).String()
}

// pass records that the turn of a check did not come, and whose limit that was.
func (r *round) pass(c check, whose string) {
	defer r.agenda.taken.Done()
	r.metrics.skipped.Inc()
	r.miss(c.endpoint, c.at, monitor.FaultSkipped, "not made: as many checks as may run at once"+whose+" were running until the next one was due")
}

// make makes one check, whose entry is held, unless it has waited for too long.
func (r *round) make(c check) {
	defer r.agenda.taken.Done()
	if c.extra() {
		r.makeExtra(c)
		return
	}
	known := r.entries[c.endpoint]
	defer known.letGo()
	switch {
	case r.stopping.Err() != nil:
		r.abandon(c.endpoint, c.at)
	case r.over(c.endpoint, c.at, r.now()):
	default:
		if !r.check(c) {
			r.abandon(c.endpoint, c.at)
		}
	}
}

// check makes one check and keeps its result, unless it was cut off. The entry
// must be held.
func (r *round) check(c check) bool {
	known, began := r.entries[c.endpoint], r.parts.Clock()
	r.metrics.inFlight.Inc()
	defer r.metrics.inFlight.Dec()
	known.begin(c)
	row := monitor.Result{Endpoint: known.key, Location: r.due.Location, Due: c.at, Start: monitor.At(began), Kind: c.kind}
	second, ended := r.perform(c, began, &row)
	if r.cut.Err() != nil {
		second.drop()
		return false
	}
	if ended {
		second.answered(&row)
	}
	r.record(c, &row)
	r.beside(c, &row, second, ended)
	return true
}

// record keeps the result of a check, and what it says for those to come. The
// entry must be held.
func (r *round) record(c check, row *monitor.Result) {
	due, known := &r.due.Endpoints[c.endpoint], r.entries[c.endpoint]
	known.history.spare(due, row)
	r.metrics.made(row)
	var news bool
	known.history, news = known.history.Next(row, due.Endpoint.Alert)
	if row.Outcome.Good() {
		known.pace = known.pace.Next(row.Duration())
	}
	r.keep(c.endpoint, row, news)
}

// abandon leaves a check to whoever gets the event next.
func (r *round) abandon(i int, at monitor.Instant) {
	r.entries[i].dealt.undo(r.due, at)
	r.abandoned.Add(1)
}

// miss records a check that was not made.
func (r *round) miss(i int, at monitor.Instant, fault monitor.Fault, reason string) {
	r.keep(i, &monitor.Result{
		Endpoint: r.entries[i].key, Location: r.due.Location, Due: at, Kind: r.due.Kind,
		Outcome: monitor.OutcomeUnknown, Fault: fault, Reason: reason,
	}, r.due.Kind == monitor.Manual)
}

func (r *round) keep(i int, row *monitor.Result, news bool) {
	kept, dropped := r.reports[i].lane.add(row, news)
	r.reports[i].noteLast(kept)
	r.metrics.buffered.Add(float64(1 - dropped))
	r.metrics.dropped.Add(float64(dropped))
}

// finish waits for the checks in flight. Once ctx has ended they have Drain
// left; then they are cut off. It returns how many due times had no result.
func (r *round) finish(ctx context.Context, cutOff context.CancelFunc) int {
	ended := make(chan struct{})
	go func() {
		r.agenda.taken.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		r.leaveLines()
		drain := time.NewTimer(Drain)
		defer drain.Stop()
		select {
		case <-ended:
		case <-drain.C:
			cutOff()
			r.patrol.cut(r)
			r.leaveLines()
			<-ended
		}
	}
	r.end()
	return r.left + int(r.abandoned.Load())
}

// leaveLines gives up the checks that wait for their turn: others may hold it for
// longer than the round is at work.
func (r *round) leaveLines() {
	for _, waits := range r.crew.drop(r) {
		r.make(*waits) // which is not to begin any more
	}
}
