package schedule

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// States is where it is kept what is believed of the endpoints of a shard.
type States interface {
	ShardState(ctx context.Context, shard int) (monitor.ShardState, error)
}

// states are those of the endpoints that are down, by key.
type states map[string]*monitor.State

// down returns which endpoints are down. Where that cannot be read, none is said
// to be: all are then checked as often as they are defined to be.
func (s *Schedule) down(ctx context.Context, r *roster) states {
	ctx, cancel := context.WithTimeout(ctx, s.parts.Plan.Slot/4)
	defer cancel()
	found := states{}
	for _, shard := range r.slowable {
		state, err := s.parts.States.ShardState(ctx, shard)
		if err != nil {
			if !s.blind.Swap(true) {
				s.parts.Log.Warn("what is down cannot be read: all endpoints are checked at their full cadence until it can",
					telemetry.KeyShard, shard, telemetry.KeyError, err)
			}
			return nil
		}
		for key, one := range state.States {
			if one.Health == monitor.Down {
				found[key] = &one
			}
		}
	}
	s.blind.Store(false)
	return found
}

// due returns the member's due times in a part of the slot, and why they are
// fewer than it is defined to have; nil, if they are not. The slot's begin tells
// how long the endpoint has been down, so that it has one cadence.
func (m *member) due(down states, slot, until monitor.Instant) (monitor.Due, *events.Slowed) {
	factor, state := 1, down[m.key]
	if state != nil {
		factor = state.Cadence(m.endpoint, slot)
	}
	due := monitor.DueAt(m.key, m.endpoint.Interval.D(), factor, slot, until)
	if factor == 1 {
		return due, nil
	}
	return due, &events.Slowed{Interval: m.endpoint.Interval, Since: state.Since}
}

// slowable tells whether the endpoint is checked less often while it is down for
// long.
func (m *member) slowable() bool {
	worst := monitor.State{Health: monitor.Down}
	return worst.Cadence(m.endpoint, monitor.Instant(monitor.MaxInterval.Milliseconds())) > 1
}
