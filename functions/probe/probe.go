package probe

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Parts are what the function is made of. All but OnLost are needed.
type Parts struct {
	Look        Look
	OnLost      OnLost
	Reveal      Reveal
	Clock       func() time.Time
	Log         *slog.Logger
	Registry    prometheus.Registerer
	Concurrency int // checks that may run at once in this process
	PerHost     int // of them, those that may go to one host; 0: any number
}

// Drain is how long checks in flight, and after them the last report, may take
// each once the handler is told to stop.
const Drain = 5 * time.Second

// Probe is the function. It is safe for concurrent use.
type Probe struct {
	parts   Parts
	wheel   *wheel
	crew    *crew
	book    *book
	lanes   *lanes
	patrol  *patrol
	desks   desks
	metrics *metrics

	expectations *expectations
	lastRun      atomic.Int64
}

// New returns a Probe that has checked nothing yet.
func New(parts Parts) *Probe {
	p := &Probe{
		parts:   parts,
		wheel:   newWheel(parts.Clock, func(c check) { c.round.call(c) }),
		crew:    newCrew(parts.Concurrency, parts.PerHost),
		book:    newBook(),
		lanes:   newLanes(),
		patrol:  &patrol{clock: parts.Clock},
		metrics: newMetrics(parts.Registry),

		expectations: newExpectations(),
	}
	if parts.OnLost != nil {
		parts.OnLost(p.lost)
	}
	return p
}

// Handler returns the function's handler. An endpoint that is down is a failed
// result, never an error: an error here means that due times are left, or
// results that could not be reported, and that the event must come again.
func (p *Probe) Handler() events.Handler { return events.On(p.handle) }

func (p *Probe) now() monitor.Instant { return monitor.At(p.parts.Clock()) }

func (p *Probe) handle(ctx context.Context, due *events.ProbeDue, emit events.Emit) error {
	if err := validate(due); err != nil {
		return err
	}
	checks, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	p.crew.join()
	defer p.crew.leave()
	r := p.newRound(ctx, checks, due, emit)
	p.book.join(r)
	defer p.book.leave(r)
	r.startReports(ctx)
	r.work(ctx)
	left := r.finish(ctx, cutOff)
	err := r.endReports()
	if left > 0 {
		return monitor.Errorf(monitor.Unavailable, "stopped before the slot's end: %d checks are left", left)
	}
	return err
}

// maxDue is the most due times of one endpoint in one event: a slot of the
// longest length at the shortest interval, and then some.
const maxDue = 10_000

// validate returns an Invalid error for an event whose checks cannot be made.
func validate(due *events.ProbeDue) error {
	for i := range due.Endpoints {
		e := &due.Endpoints[i]
		switch {
		case e.Endpoint == nil:
			return monitor.FieldErrorf("endpoints", "number %d has no definition", i)
		case e.Endpoint.Interval <= 0 || e.Endpoint.Timeout <= 0:
			return monitor.FieldErrorf("endpoints", "%s has no interval or no timeout", e.Endpoint.Key())
		case e.Slowed != nil && (e.Slowed.Interval <= 0 || e.Due.Every < e.Slowed.Interval):
			return monitor.FieldErrorf("endpoints", "%s has due times %s apart for an interval of %s", e.Endpoint.Key(), e.Due.Every, e.Slowed.Interval)
		case e.Due.Count < 0 || e.Due.Count > maxDue || e.Due.Count > 1 && e.Due.Every <= 0:
			return monitor.FieldErrorf("endpoints", "%s has %d due times %s apart", e.Endpoint.Key(), e.Due.Count, e.Due.Every)
		}
	}
	return nil
}

// runID returns the start of a call in Unix milliseconds, moved on where two
// calls start in the same one.
func (p *Probe) runID() int64 {
	now := int64(p.now())
	for {
		last := p.lastRun.Load()
		next := max(now, last+1)
		if p.lastRun.CompareAndSwap(last, next) {
			return next
		}
	}
}
