package alert

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// markMargin is how far the mark stays behind a tick: more than the clocks of
// schedule, store and alert differ.
const markMargin = 10 * time.Second

// tick looks for what no result tells: endpoints that nobody sees any more,
// that are not watched any more, or that have been well for long. Its now is
// the tick's own time: all results that came before the tick are known by then,
// however late it is worked on.
func (a *Alert) tick(ctx context.Context, in *events.ShardTick, emit events.Emit) error {
	s, err := a.enter(ctx, in.Shard)
	if err != nil {
		return err
	}
	defer s.leave()
	if err := a.look(ctx, s, min(in.Minute, monitor.At(a.parts.Clock()))); err != nil {
		return a.later(s, err)
	}
	return a.later(s, a.remind(ctx, s, emit))
}

func (a *Alert) look(ctx context.Context, s *shard, now monitor.Instant) error {
	if err := a.catchUp(ctx, s); err != nil {
		return err
	}
	if err := a.rewatch(ctx, s, true); err != nil {
		return err
	}
	if err := a.load(ctx, s); err != nil {
		return err
	}
	silent, err := a.silent(ctx, s, now)
	if err != nil {
		return err
	}
	return a.decide(ctx, s, func(d *draft) {
		for endpoint, state := range d.base.States {
			w := s.watched[endpoint]
			switch {
			case w == nil:
				d.retire(state, now)
			case state.Plain(w.last()):
				d.forget(endpoint)
			}
		}
		for _, found := range silent {
			d.silence(found.watched, found.last, now, found.limits, found.excuse.reason)
		}
		d.mark(now.Add(-markMargin))
	})
}
