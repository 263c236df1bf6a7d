package schedule

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// apart is the time between two checks of one CheckNow: ten thousand new
// endpoints are not all checked in the same moment.
const apart = time.Millisecond

// CheckNow returns the events that have each endpoint checked once at every
// location, from now on, one a millisecond. Definitions that cannot be checked
// are left out.
func (s *Schedule) CheckNow(endpoints []monitor.Endpoint) []events.Event {
	members, _ := newRoster(monitor.Catalog{Endpoints: endpoints}, s.parts.Plan)
	now := s.now()
	dues := make([]events.DueEndpoint, len(members.members))
	at := now
	for i := range members.members {
		m := &members.members[i]
		dues[i] = events.DueEndpoint{
			Endpoint: m.endpoint, Shard: m.shard, Due: monitor.Due{First: at, Every: m.endpoint.Interval, Count: 1},
		}
		at = at.Add(apart)
	}
	parts := cut(members.members, s.parts.Plan, members.largest)
	return eventsOf(events.ProbeDue{Slot: now, Until: at, Kind: monitor.Manual}, dues, parts, s.parts.Locations)
}

// checkFresh has the endpoints checked at once that are new or changed since
// the catalog was read before.
func (s *Schedule) checkFresh(ctx context.Context, emit events.Emit) error {
	s.mu.Lock()
	fresh := s.fresh
	s.fresh = nil
	s.mu.Unlock()
	err := emitAll(ctx, emit, s.CheckNow(fresh))
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fresh = append(fresh, s.fresh...)
	}
	return err
}
