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

	checks    sync.WaitGroup
	abandoned atomic.Int64 // checks that were cut off by the stop
	reports   []*report    // by index of the endpoint; one a shard
	reporting sync.WaitGroup
	ended     context.Context // ends when all rows of the round are kept
	end       context.CancelFunc
}

func (p *Probe) newRound(due *events.ProbeDue, emit events.Emit) *round {
	now := p.now()
	ended, end := context.WithCancel(context.Background())
	r := &round{
		Probe: p, due: due, emit: emit, id: p.runID(),
		agenda: newAgenda(due.Endpoints, now), entries: p.book.open(due, now),
		ended: ended, end: end,
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

// work starts every check at its due time. It returns when the agenda is empty
// or ctx has ended. The checks themselves end with checks.
func (r *round) work(ctx, checks context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for r.agenda.Len() > 0 && ctx.Err() == nil {
		wait := r.agenda.next().Time().Sub(r.parts.Clock())
		if wait <= 0 {
			r.deal(ctx, checks)
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// deal takes the earliest due time off the agenda and starts its check, or
// records why there is none. What another call has dealt with is left to it,
// and so is its result.
func (r *round) deal(ctx, checks context.Context) {
	i, at := r.agenda.take()
	if !r.entries[i].dealt.first(r.due, at) {
		return
	}
	interval := r.due.Endpoints[i].Endpoint.Interval
	late := r.now().Sub(at)
	switch {
	case r.due.Kind != monitor.Manual && late >= interval.D():
		r.metrics.skipped.Inc()
		r.miss(i, at, monitor.FaultSkipped, "not made: it was "+monitor.Duration(late).String()+" late, and the next one was due")
		return
	case !r.entries[i].take():
		r.metrics.overrun.Inc()
		r.miss(i, at, monitor.FaultOverrun, "not made: the check before it was still running")
		return
	}
	select {
	case r.free <- struct{}{}:
	case <-ctx.Done():
		r.entries[i].release()
		r.abandon(i, at)
		return
	}
	r.metrics.inFlight.Inc()
	r.checks.Go(func() {
		r.check(checks, i, at)
		r.entries[i].release()
		r.metrics.inFlight.Dec()
		<-r.free
	})
}

// check makes one check and keeps its result. The entry must be held.
func (r *round) check(ctx context.Context, i int, at monitor.Instant) {
	e, known := &r.due.Endpoints[i].Endpoint, r.entries[i]
	row := monitor.Result{Endpoint: known.key, Location: r.due.Location, Due: at, Start: r.now(), Kind: r.due.Kind}
	r.perform(ctx, known, e, &row)
	if ctx.Err() != nil {
		r.abandon(i, at)
		return
	}
	r.metrics.made(&row)
	var news bool
	known.history, news = known.history.Next(&row, e.Alert)
	r.keep(i, row, news)
}

// abandon leaves a check to whoever gets the event next.
func (r *round) abandon(i int, at monitor.Instant) {
	r.entries[i].dealt.undo(r.due, at)
	r.abandoned.Add(1)
}

// miss records a check that was not made.
func (r *round) miss(i int, at monitor.Instant, fault monitor.Fault, reason string) {
	r.keep(i, monitor.Result{
		Endpoint: r.entries[i].key, Location: r.due.Location, Due: at, Kind: r.due.Kind,
		Outcome: monitor.OutcomeUnknown, Fault: fault, Reason: reason,
	}, r.due.Kind == monitor.Manual)
}

func (r *round) keep(i int, row monitor.Result, news bool) {
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
		r.checks.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		drain := time.NewTimer(Drain)
		defer drain.Stop()
		select {
		case <-ended:
		case <-drain.C:
			cutOff()
			<-ended
		}
	}
	r.end()
	return r.agenda.left() + int(r.abandoned.Load())
}
