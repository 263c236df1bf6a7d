package alert

import (
	"context"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// drain tells what the shard's outbox holds, and empties it. The state has just
// been loaded or saved.
func (a *Alert) drain(ctx context.Context, s *shard, emit events.Emit) error {
	entries := s.state.Outbox
	if len(entries) == 0 {
		return nil
	}
	if err := a.tell(ctx, entries, emit); err != nil {
		return err
	}
	told := make(map[string]bool, len(entries))
	for i := range entries {
		told[entries[i].ID()] = true
	}
	for range attempts {
		state := s.state
		state.Outbox = slices.DeleteFunc(slices.Clone(state.Outbox), func(c monitor.IncidentChange) bool { return told[c.ID()] })
		if len(state.Outbox) == len(s.state.Outbox) {
			return nil
		}
		err := a.save(ctx, s, state)
		if monitor.CodeOf(err) != monitor.Conflict {
			return err
		}
		if err := a.load(ctx, s); err != nil {
			return err
		}
	}
	return monitor.Errorf(monitor.Conflict, "others keep writing the states of shard %d: try again", s.number)
}

// tell keeps the incidents, then emits their changes, in order.
func (a *Alert) tell(ctx context.Context, entries []monitor.IncidentChange, emit events.Emit) error {
	out := make([]events.Event, len(entries))
	for i := range entries {
		entry := entries[i]
		if err := a.parts.Store.PutIncident(ctx, entry.Incident); err != nil {
			return monitor.Wrap(monitor.CodeOf(err), err, "keep incident %s", entry.Incident.ID)
		}
		head := events.Head{ID: entry.ID(), Source: "alert", Key: monitor.ShardKey(entry.Shard)}
		out[i] = events.New(events.TypeIncidentChanged, head, &entry)
	}
	return emit(ctx, out...)
}
