package probe

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// confirmDelay is the longest time from the end of a failure to the check that
// confirms it; a quarter of the interval, where that is less.
const confirmDelay = 250 * time.Millisecond

// extras are what an endpoint knows of its extra checks: those that confirm a
// failure or a return, and the one that follows a lost connection. They lie between two of
// its scheduled ones, and never put one off that could be made in its time.
type extras struct {
	turn       sync.Mutex   // held while it is settled which check comes next
	confirming atomic.Int64 // due time of the confirming check to come; 0: there is none
	rechecked  atomic.Bool  // a lost connection was followed since the last scheduled check
}

// begin notes that a check begins, which tells as much as the second look beside
// the one before it. The entry must be held.
func (e *entry) begin(c check) {
	beside := e.second
	e.second = nil
	beside.drop()
	e.last = max(e.last, c.at)
	if c.kind == monitor.Scheduled {
		e.rechecked.Store(false)
	}
}

// admit has the round wait for one more check, unless it takes no more.
func (r *round) admit() bool {
	r.agenda.mu.Lock()
	defer r.agenda.mu.Unlock()
	if r.agenda.closed {
		return false
	}
	r.agenda.taken.Add(1)
	return true
}

// follow plans the check that confirms a failure, or that an endpoint is back
// that was down for long, if one is needed, and gives up the one that was planned
// before.
func (r *round) follow(c check, row *monitor.Result) {
	e, known := &r.due.Endpoints[c.endpoint], r.entries[c.endpoint]
	if !row.Kind.Counts() || row.Outcome == monitor.OutcomeUnknown {
		return
	}
	known.confirming.Store(0)
	if e.Endpoint.Alert.Confirm != monitor.ConfirmQuick || !known.history.unconfirmed(e.Endpoint.Alert, e.Slowed != nil) || r.stopping.Err() != nil {
		return
	}
	now, due := r.now(), e.Defined()
	at := monitor.Instant(lineAt(now.Add(min(due.Every.D()/4, confirmDelay))) * grid)
	if at.Add(row.Duration()) >= due.After(now) {
		return // the next scheduled check knows as soon
	}
	in, ok := r.seatOf(c.endpoint, at)
	if !ok {
		return
	}
	known.confirming.Store(int64(at))
	r.wheel.put(at, check{in.round, in.endpoint, at, monitor.Confirm})
}

// seatOf returns where a check of the endpoint is made at the time: in a round
// that is at work until then, or else in this one, which waits for it then.
func (r *round) seatOf(endpoint int, at monitor.Instant) (seat, bool) {
	if in, ok := r.book.admit(r.entries[endpoint]); ok {
		if at < in.round.due.Until {
			return in, true
		}
		in.round.agenda.taken.Done()
	}
	if at >= r.due.Until {
		return seat{}, false
	}
	r.agenda.taken.Add(1) // the check at hand holds the round
	return seat{r, endpoint}, true
}

// lost is told that the peer has closed the connection of an endpoint at which
// nobody looks. One check follows at once: either the endpoint is gone, or it
// closes connections that are idle, and does so until its next scheduled check.
func (p *Probe) lost(endpoint, location string) {
	known := p.book.find(entryKey{endpoint, location})
	if known == nil || known.busy.Load() {
		return
	}
	in, ok := p.book.admit(known)
	if !ok {
		return
	}
	if in.round.stopping.Err() != nil || known.rechecked.Swap(true) {
		in.round.agenda.taken.Done()
		return
	}
	p.crew.take(check{in.round, in.endpoint, p.now(), monitor.Connection})
}

// makeExtra makes an extra check, if it is still wanted: nobody looks, no
// scheduled one is about to, and the next one has not come.
func (r *round) makeExtra(c check) {
	known := r.entries[c.endpoint]
	if r.stopping.Err() != nil || !r.takeAside(known) {
		return
	}
	defer known.release()
	if c.kind == monitor.Confirm && !known.confirming.CompareAndSwap(int64(c.at), 0) {
		return
	}
	due := r.due.Endpoints[c.endpoint].Defined()
	next := due.After(c.at)
	c.at = max(c.at, known.last+1)
	if r.ofScheduled(c.endpoint, c.at) {
		return // that moment is a scheduled check's
	}
	if max(c.at, r.now()) < next {
		r.check(c)
	}
}

// ofScheduled tells whether the moment is a scheduled check's.
func (r *round) ofScheduled(endpoint int, at monitor.Instant) bool {
	due := r.due.Endpoints[endpoint].Defined()
	return at.Sub(due.First)%max(due.Every.D(), time.Millisecond) == 0
}

// between returns the first moment that is neither before now nor another
// check's. The entry must be held.
func (r *round) between(endpoint int, now monitor.Instant) monitor.Instant {
	at := max(now, r.entries[endpoint].last+1)
	if r.ofScheduled(endpoint, at) {
		at++
	}
	return at
}

// takeAside holds the entry for an extra check, if no scheduled one is about to.
func (r *round) takeAside(known *entry) bool {
	known.turn.Lock()
	defer known.turn.Unlock()
	return !r.book.waits(known, r.now()) && known.take()
}

// watch keeps the round at work until its slot is over, if it has endpoints in
// it that are only watched. It tells whether ctx has not ended.
func (r *round) watch(ctx context.Context) bool {
	watched := slices.ContainsFunc(r.due.Endpoints, func(e events.DueEndpoint) bool { return e.Due.Count == 0 })
	if !watched || r.due.Kind != monitor.Scheduled {
		return ctx.Err() == nil
	}
	over := make(chan struct{})
	timer := time.AfterFunc(r.due.Until.Sub(r.now()), func() { close(over) })
	defer timer.Stop()
	return ended(ctx, over)
}

// ended waits for done, and tells whether it came before the end of ctx.
func ended(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
