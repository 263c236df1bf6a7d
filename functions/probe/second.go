package probe

import (
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// second is the look over a connection of its own that is made while a scheduled
// check has waited for an answer for longer than the endpoint's pace asks for.
// When it fails the check has failed; when the check fails first it goes on, and
// confirms that. Otherwise it leaves no result.
//
// What stands below first is guarded by the patrol.
type second struct {
	flight
	desk   *desk
	plenty time.Duration // after which it was made
	row    monitor.Result

	first *flight // nil once that has ended
	ended bool
	void  bool // it was cut off
	loose bool // it settles by itself what it is worth
}

// plenty returns how long the check is waited for until a second look is made; 0
// if there is to be none.
func (e *entry) plenty(c check, endpoint *monitor.Endpoint, request *look.Request) time.Duration {
	quick := endpoint.Alert.Confirm == monitor.ConfirmQuick && !endpoint.Adaptive.FixedTimeout
	if c.kind != monitor.Scheduled || !quick || e.history.lasts(endpoint.Alert) || !request.Repeatable() {
		return 0
	}
	if span := e.pace.Plenty(request.Timeout); span < request.Timeout {
		return span
	}
	return 0
}

// doubt begins a second look beside the flight, if there is a round for it and
// room at its host. The patrol is held.
func (f *flight) doubt(now time.Time) bool {
	r := f.round
	if r.stopping.Err() != nil {
		return false
	}
	at := r.between(f.endpoint, monitor.At(now))
	in, ok := r.seatOf(f.endpoint, at)
	if !ok {
		return false
	}
	aside := check{in.round, in.endpoint, at, monitor.Confirm}
	if !r.crew.lend(aside) {
		in.round.agenda.taken.Done()
		return false
	}
	desk := r.desks.take()
	s := &second{desk: desk, plenty: f.plenty, first: f}
	s.flight = flight{
		check: aside, ctx: desk.flight.ctx,
		expectation: f.expectation, values: f.values, began: now,
	}
	desk.request = *f.request
	desk.request.Fresh = true
	if len(desk.request.Head) > 0 {
		desk.request.Head = desk.head[:]
	}
	f.second = s
	go s.run()
	return true
}

// run makes the look, and cuts the first one off if it fails before that ends.
func (s *second) run() {
	p := s.round.Probe
	p.metrics.inFlight.Inc()
	defer p.metrics.inFlight.Dec()
	s.row = monitor.Result{
		Endpoint: s.desk.request.Endpoint, Location: s.desk.request.Location, Due: s.at, Start: s.at, Kind: monitor.Confirm,
	}
	p.patrol.join(&s.flight)
	s.desk.answer = p.parts.Look(s.ctx, &s.desk.request)
	p.patrol.leave(&s.flight)
	p.crew.giveBack(s.check)
	judge(&s.desk.answer, s.expectation, s.values, &s.row)
	if p.patrol.land(s) {
		s.settle()
	}
}

// land notes that a second look has ended, and what that means for the first.
// It tells whether nobody else settles what it is worth.
func (p *patrol) land(s *second) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seconds--
	s.ended = true
	s.void = s.ctx.Err() != nil
	if s.first != nil && !s.void && s.row.Outcome == monitor.Failed {
		s.first.ctx.Cut()
	}
	return s.loose
}

// loosen leaves it to the second look to settle what it is worth; drop says that
// it is worth nothing. Both may come more than once, and of none.
func (s *second) loosen() { s.let(false) }

func (s *second) drop() { s.let(true) }

func (s *second) let(drop bool) {
	if s == nil {
		return
	}
	p := s.round.patrol
	p.mu.Lock()
	if drop && !s.ended {
		s.ctx.Cut()
	}
	late := s.ended && !s.loose
	s.loose = true
	p.mu.Unlock()
	if late {
		s.settle()
	}
}

// settle keeps the result, if it is wanted and nobody looks by now.
func (s *second) settle() {
	r, known := s.round, s.round.entries[s.endpoint]
	if s.void || !r.takeAside(known) {
		s.close()
		return
	}
	defer known.release()
	if known.second != s { // another check has come since
		s.close()
		return
	}
	known.second = nil
	s.keep()
}

// keep keeps the result. The entry must be held.
func (s *second) keep() {
	r, known := s.round, s.round.entries[s.endpoint]
	defer s.close()
	known.last = max(known.last, s.at)
	r.extract(s.desk, &s.flight, &s.row)
	add(&s.row, "made because the check before it had no answer after "+told(s.plenty))
	r.record(s.check, &s.row)
	r.follow(s.check, &s.row)
}

// close lets go of the round.
func (s *second) close() {
	s.round.desks.give(s.desk)
	s.round.agenda.taken.Done()
}

// cutShort fills the row of a check whose second look failed before it ended.
func (s *second) cutShort(f *flight, now time.Time, row *monitor.Result) {
	waited := now.Sub(f.began)
	row.Micros, row.Outcome, row.Fault = waited.Microseconds(), monitor.Failed, monitor.FaultTimeout
	row.Reason = shorten(fmt.Sprintf("no answer after %s, where %s is plenty; a second connection: %s", told(waited), told(s.plenty), s.row.Reason))
}

// answered adds to the row of a check that did not pass that its second look did.
func (s *second) answered(row *monitor.Result) {
	if s.stands() && s.row.Outcome.Good() && row.Outcome == monitor.Failed {
		add(row, "a second connection was answered after "+told(s.row.Duration()))
	}
}

// beside settles what the second look is worth that was made beside a check, or
// has it do so once it ends: it may confirm that the check has failed.
func (r *round) beside(c check, row *monitor.Result, s *second, ended bool) {
	due, known := &r.due.Endpoints[c.endpoint], r.entries[c.endpoint]
	confirms := s != nil && row.Outcome == monitor.Failed
	switch {
	case confirms && ended && s.stands():
		s.keep()
	case confirms && !ended && known.history.unconfirmed(due.Endpoint.Alert, due.Slowed != nil):
		known.second = s
	default:
		s.drop()
		r.follow(c, row)
	}
}

// stands tells whether the second look's result goes beside that of the first,
// which did not pass: not where it says nothing of the endpoint. It must have
// ended.
func (s *second) stands() bool { return !s.void && s.row.Outcome != monitor.OutcomeUnknown }

func told(span time.Duration) string { return monitor.Duration(span.Round(time.Millisecond)).String() }
