package alert

import (
	"maps"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// draft is a decision in the making: what differs from the shard's state that
// it is made on. It is pure: nothing is kept before after or remember.
type draft struct {
	base        *monitor.ShardState
	now         monitor.Instant
	changed     map[string]monitor.State
	gone        map[string]bool
	outbox      []monitor.IncidentChange
	transitions []transition
	decided     monitor.Instant
	matters     bool // must be saved
}

type transition struct {
	monitor.Transition
	endpoint string
}

func newDraft(base *monitor.ShardState, now monitor.Instant) *draft {
	return &draft{base: base, now: now, decided: base.Decided}
}

func (d *draft) state(endpoint string) (monitor.State, bool) {
	if state, ok := d.changed[endpoint]; ok {
		return state, true
	}
	state, ok := d.base.States[endpoint]
	return state, ok
}

// result decides on one row. A pass of an endpoint without a state says nothing
// new, and neither does what was seen before.
func (d *draft) result(r *monitor.Result, w *watched) {
	before, known := d.state(r.Endpoint)
	if !known {
		if r.Outcome == monitor.Passed || r.Due <= w.lastAt(r.Location) {
			return
		}
		before = monitor.NewState(r.Endpoint)
	}
	next, change := before.Next(r, w.endpoint.Alert)
	if known || next.Matters(before) {
		d.step(before, next, change, w.endpoint)
	}
}

// silence decides that nobody has seen the endpoint since last.
func (d *draft) silence(w *watched, last, now monitor.Instant, limits limits, reason string) {
	before, known := d.state(w.endpoint.Key())
	if !known {
		before = monitor.NewState(w.endpoint.Key())
	}
	next, change := before.Silent(last, now, limits.interval, limits.slot, reason)
	if change != nil {
		d.step(before, next, change, w.endpoint)
	}
}

// retire ends what is believed of an endpoint that is no longer watched.
func (d *draft) retire(state monitor.State, now monitor.Instant) {
	change := state.Retire(now)
	if state.Incident != nil {
		d.step(state, state, change, &monitor.Endpoint{})
	}
	d.forget(state.Endpoint)
}

func (d *draft) forget(endpoint string) {
	if d.gone == nil {
		d.gone = map[string]bool{}
	}
	d.gone[endpoint] = true
	d.matters = true
}

func (d *draft) step(before, next monitor.State, change *monitor.Transition, e *monitor.Endpoint) {
	next, told := next.Track(e, change)
	if change != nil {
		d.transitions = append(d.transitions, transition{*change, next.Endpoint})
		d.matters = true
	}
	if told != nil {
		told.Shard, told.Decided = d.base.Shard, d.now
		d.outbox = append(d.outbox, *told)
	}
	if d.changed == nil {
		d.changed = map[string]monitor.State{}
	}
	d.changed[next.Endpoint] = next
	d.matters = d.matters || next.Matters(before)
}

// mark says that every result that arrived before at has been decided on.
func (d *draft) mark(at monitor.Instant) {
	if at > d.decided {
		d.decided, d.matters = at, true
	}
}

// after returns the whole state with the draft's changes.
func (d *draft) after() monitor.ShardState {
	state := *d.base
	state.States = make(map[string]monitor.State, len(d.base.States)+len(d.changed))
	maps.Copy(state.States, d.base.States)
	maps.Copy(state.States, d.changed)
	maps.DeleteFunc(state.States, func(endpoint string, _ monitor.State) bool { return d.gone[endpoint] })
	state.Outbox = append(slices.Clip(state.Outbox), d.outbox...)
	state.Decided = d.decided
	return state
}

// remember keeps changes that need no saving in the state in memory.
func (d *draft) remember() { maps.Copy(d.base.States, d.changed) }
