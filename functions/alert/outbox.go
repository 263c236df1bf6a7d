package alert

import (
	"context"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// How long notify may hold up a shard, and how long the shard goes on without
// it then: firstHold, doubled each time, lastHold at most.
const (
	tellWithin = 10 * time.Second
	firstHold  = 5 * time.Second
	lastHold   = time.Minute
)

// drain tells what the shard's outbox holds, and takes out what notify has
// kept. What cannot be told waits, but its incident is there for all to see:
// that is no error. The state has just been loaded or saved.
func (a *Alert) drain(ctx context.Context, s *shard, emit events.Emit) error {
	if err := a.keepIncidents(ctx, s); err != nil {
		return err
	}
	if len(s.state.Outbox) == 0 || s.resume > monitor.At(a.parts.Clock()) {
		return nil
	}
	if err := a.takeOut(ctx, s); err != nil {
		return err
	}
	for next := s.next(); len(next) > 0; next = s.next() {
		if err := a.keepIncidents(ctx, s); err != nil {
			return err
		}
		if err := a.tell(ctx, s, next, emit); err != nil {
			a.parts.Log.Warn("incidents cannot be told for now; they are told later",
				telemetry.KeyShard, s.number, telemetry.KeyChanged, len(s.state.Outbox), telemetry.KeyError, err)
			return nil
		}
		if err := a.takeOut(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// remind is drain, and tells once more what was told before and is not kept. What
// is too old for that is given up then.
func (a *Alert) remind(ctx context.Context, s *shard, emit events.Emit) error {
	s.resume = 0
	if err := a.takeOut(ctx, s); err != nil {
		return err
	}
	clear(s.offered)
	clear(s.shown)
	if err := a.drain(ctx, s, emit); err != nil {
		return err
	}
	given, err := a.giveUp(ctx, s)
	if err != nil || given == 0 {
		return err
	}
	return a.drain(ctx, s, emit)
}

// next returns what is to be told now: the first change of each endpoint that
// is in the outbox, unless it was told.
func (s *shard) next() []monitor.IncidentChange {
	var next []monitor.IncidentChange
	seen := map[string]bool{}
	for _, change := range s.state.Outbox {
		if !seen[change.Incident.Endpoint] && !s.offered[change.ID()] {
			next = append(next, change)
		}
		seen[change.Incident.Endpoint] = true
	}
	return next
}

// keepIncidents stores the incidents as the outbox has them.
func (a *Alert) keepIncidents(ctx context.Context, s *shard) error {
	for i := range s.state.Outbox {
		change := &s.state.Outbox[i]
		if s.shown[change.ID()] {
			continue
		}
		if err := a.parts.Store.PutIncident(ctx, change.Incident); err != nil {
			return monitor.Wrap(monitor.CodeOf(err), err, "keep incident %s", change.Incident.ID)
		}
		s.shown[change.ID()] = true
	}
	return nil
}

// tell emits the changes, in order.
func (a *Alert) tell(ctx context.Context, s *shard, changes []monitor.IncidentChange, emit events.Emit) error {
	out := make([]events.Event, len(changes))
	for i := range changes {
		change := changes[i]
		head := events.Head{ID: change.ID(), Source: "alert", Key: monitor.ShardKey(change.Shard)}
		out[i] = events.New(events.TypeIncidentChanged, head, &change)
	}
	limited, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	if err := emit(limited, out...); err != nil {
		s.hold = min(max(2*s.hold, firstHold), lastHold)
		s.resume = monitor.At(a.parts.Clock()).Add(s.hold)
		return err
	}
	s.hold = 0
	for i := range changes {
		s.offered[changes[i].ID()] = true
	}
	return nil
}

// takeOut takes what was told, and what notify has kept, out of the outbox.
func (a *Alert) takeOut(ctx context.Context, s *shard) error {
	kept := map[string]bool{}
	for i := range s.state.Outbox {
		change := &s.state.Outbox[i]
		if !s.offered[change.ID()] {
			continue
		}
		is, err := a.isKept(ctx, change)
		if err != nil {
			return err
		}
		kept[change.ID()] = is
	}
	return a.remove(ctx, s, kept)
}

// remove takes changes out of the outbox, by ID.
func (a *Alert) remove(ctx context.Context, s *shard, gone map[string]bool) error {
	for range attempts {
		state := s.state
		state.Outbox = slices.DeleteFunc(slices.Clone(state.Outbox), func(c monitor.IncidentChange) bool { return gone[c.ID()] })
		if len(state.Outbox) == len(s.state.Outbox) {
			return nil
		}
		err := a.save(ctx, s, state)
		if err == nil {
			s.forget(gone)
		}
		if monitor.CodeOf(err) != monitor.Conflict {
			return err
		}
		if err := a.load(ctx, s); err != nil {
			return err
		}
	}
	return monitor.Errorf(monitor.Conflict, "others keep writing the states of shard %d: try again", s.number)
}

func (s *shard) forget(gone map[string]bool) {
	for id, is := range gone {
		if is {
			delete(s.offered, id)
			delete(s.shown, id)
		}
	}
}

// isKept tells whether notify has kept a notice of the change for each channel
// that hears of it.
func (a *Alert) isKept(ctx context.Context, change *monitor.IncidentChange) (bool, error) {
	wanted := change.Notices(change.Decided)
	if len(wanted) == 0 {
		return true, nil
	}
	known, err := a.catalog.get(ctx, false)
	if err != nil {
		return false, err
	}
	notices, err := a.parts.Store.NoticesOf(ctx, change.Incident.ID)
	if err != nil {
		return false, monitor.Wrap(monitor.CodeOf(err), err, "load the notices of incident %s", change.Incident.ID)
	}
	kept := map[monitor.NoticeKey]bool{}
	for i := range notices {
		kept[notices[i].Key()] = true
	}
	for i := range wanted {
		if known.channels[wanted[i].Channel].Hears(change.Change) && !kept[wanted[i].Key()] {
			return false, nil
		}
	}
	return true, nil
}
