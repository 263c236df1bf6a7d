package alert

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// limits say how long nothing may be heard of an endpoint.
type limits struct{ interval, slot time.Duration }

// plannedAhead is how many slots before its end one has been planned at most,
// by what was known then.
const plannedAhead = 3

// limits returns the limits by what is believed of the endpoint: one that has
// been down for long is seen less often.
func (a *Alert) limits(e *monitor.Endpoint, state monitor.State, now monitor.Instant) limits {
	return limits{interval: state.Apart(e, now, plannedAhead*a.parts.Slot), slot: a.parts.Slot}
}

func (l limits) longest() time.Duration { return 3 * max(l.interval, l.slot) }

// silent is an endpoint that nobody has seen since last.
type silent struct {
	*watched
	last   monitor.Instant
	excuse excuse
	limits limits
}

// silent returns the endpoints that have not been seen for too long. This
// process must have listened for that long itself, and store must not know
// better: other processes may have got the results.
func (a *Alert) silent(ctx context.Context, s *shard, now monitor.Instant) (map[string]*silent, error) {
	found := map[string]*silent{}
	for endpoint, w := range s.watched {
		state := s.state.States[endpoint]
		limits := a.limits(w.endpoint, state, now)
		if now.Sub(max(w.since, w.last())) >= limits.longest() && state.Health != monitor.Unknown {
			found[endpoint] = &silent{watched: w, last: w.last(), excuse: w.excuse, limits: limits}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	if err := a.lookUp(ctx, s, found, now); err != nil {
		return nil, err
	}
	for endpoint, one := range found {
		if one.last == 0 {
			one.last = one.since
		}
		if now.Sub(one.last) < one.limits.longest() {
			delete(found, endpoint)
		}
	}
	return found, nil
}

// lookUp notes what store knows of the endpoints that seem silent. The tail is read
// before the latest results: what leaves it in between is among those.
func (a *Alert) lookUp(ctx context.Context, s *shard, found map[string]*silent, now monitor.Instant) error {
	ahead := now.Add(a.parts.Slot + markMargin) // beyond it lies what came before the clock was set back
	err := a.tailRows(ctx, s.number, 0, func(rows []monitor.Result) error {
		listen(found, rows, ahead)
		return nil
	})
	if err != nil {
		return err
	}
	latest, err := a.parts.Store.Latest(ctx, s.number)
	if err != nil {
		return monitor.Wrap(monitor.CodeOf(err), err, "load the latest results of shard %d", s.number)
	}
	listen(found, latest, ahead)
	return nil
}

// listen notes what the rows, unless they are due ahead, say of the endpoints
// that seem silent.
func listen(found map[string]*silent, rows []monitor.Result, ahead monitor.Instant) {
	for i := range rows {
		r := &rows[i]
		one := found[r.Endpoint]
		switch {
		case one == nil || !r.Kind.Counts() || r.Due > ahead:
		case r.Outcome != monitor.OutcomeUnknown:
			one.last = max(one.last, r.Due)
		case r.Due >= one.excuse.due:
			one.excuse = excuse{r.Due, r.Reason}
		}
	}
}

// tailPage is how many events of the tail are read at once.
const tailPage = 100

// tailRows hands on the results of each event in the shard's tail that arrived
// at or after from, in order.
func (a *Alert) tailRows(ctx context.Context, shard int, from monitor.Instant, take func([]monitor.Result) error) error {
	for after := int64(0); ; {
		page, err := a.parts.Store.TailRows(ctx, shard, after, tailPage)
		if err != nil {
			return monitor.Wrap(monitor.CodeOf(err), err, "load the tail of shard %d", shard)
		}
		for i := range page {
			after = page[i].Seq
			if page[i].Arrived < from {
				continue
			}
			var results events.ProbeResults
			if events.DecodeResults(page[i].Data, &results) != nil {
				continue // store refuses such data; there is nothing to decide on
			}
			if err := take(results.Rows); err != nil {
				return err
			}
		}
		if len(page) < tailPage {
			return nil
		}
	}
}
