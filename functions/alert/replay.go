package alert

import (
	"context"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Replay decides on the results that store has kept but that may not have been
// decided on when the process ended: those that arrived at or after each
// shard's mark. It is called before the first event, where the broker forgets
// with the process. What it decides is told with the shard's next event.
func (a *Alert) Replay(ctx context.Context) error {
	for number := range a.shards {
		if err := a.replay(ctx, number); err != nil {
			return err
		}
	}
	return nil
}

func (a *Alert) replay(ctx context.Context, number int) error {
	s, err := a.enter(ctx, number)
	if err != nil {
		return err
	}
	defer s.leave()
	s.behind = true
	return a.catchUp(ctx, s)
}

// catchUp decides on the results since the shard's mark, if some of them may
// not have been decided on.
func (a *Alert) catchUp(ctx context.Context, s *shard) error {
	if !s.behind {
		return nil
	}
	if err := a.load(ctx, s); err != nil {
		return err
	}
	err := a.tailRows(ctx, s.number, s.state.Decided, func(rows []monitor.Result) error {
		return a.decideRows(ctx, s, a.notAheadOf(rows))
	})
	if err == nil && len(s.missed) > 0 {
		err = a.decideRows(ctx, s, s.missed)
	}
	if err == nil {
		s.behind, s.missed = false, nil
	}
	return err
}

// notAheadOf returns the rows without those that lie in the future: they came
// before the clock was set back, and would have everything ignored until then.
func (a *Alert) notAheadOf(rows []monitor.Result) []monitor.Result {
	ahead := a.ahead()
	return slices.DeleteFunc(rows, func(r monitor.Result) bool { return r.Due > ahead })
}

// putOff remembers results that cannot be decided on for now. The tail need not
// hold them when storage is back: store may still wait for its next try.
func (a *Alert) putOff(s *shard, rows []monitor.Result, err error) error {
	if monitor.CodeOf(err) != monitor.Unavailable {
		return err
	}
	if tell, others := a.away.Fail(s.number, a.parts.Clock()); tell {
		a.parts.Log.Warn("results cannot be decided on for now; they are decided on later",
			telemetry.WithOthers(others, telemetry.KeyShard, s.number, telemetry.KeyError, err)...)
	}
	s.missed = append(s.missed, rows...)
	s.missed = slices.Clone(s.missed[max(len(s.missed)-events.MaxRows, 0):])
	return nil
}
