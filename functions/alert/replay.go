package alert

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
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
		return a.decideRows(ctx, s, rows)
	})
	s.behind = err != nil
	return err
}
