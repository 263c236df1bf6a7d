package alert

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// shard is what one process remembers of a shard between events.
type shard struct {
	number  int
	turn    chan struct{} // holds one token: one event at a time
	state   monitor.ShardState
	loaded  bool
	watched map[string]*watched // by endpoint
	watches *definitions        // what watched was made from
	behind  bool                // results came that could not be decided on
	missed  []monitor.Result    // the newest of them, events.MaxRows at most

	offered map[string]bool // by ID: what is in the outbox and was emitted
	hold    time.Duration   // the wait after the last change that could not be emitted; 0: it could
	resume  monitor.Instant // when the wait ends

	shown map[string]bool // by ID: what is in the outbox and whose incident is stored
}

func newShard(number int) *shard {
	s := &shard{number: number, turn: make(chan struct{}, 1), offered: map[string]bool{}, shown: map[string]bool{}}
	s.turn <- struct{}{}
	return s
}

// enter waits for the shard's turn; leave ends it.
func (a *Alert) enter(ctx context.Context, number int) (*shard, error) {
	if err := monitor.CheckShard(number, len(a.shards)); err != nil {
		return nil, err
	}
	s := a.shards[number]
	select {
	case <-s.turn:
		return s, nil
	case <-ctx.Done():
		return nil, monitor.Wrap(monitor.Unavailable, ctx.Err(), "wait for shard %d", number)
	}
}

func (s *shard) leave() { s.turn <- struct{}{} }

// watch brings what the shard watches up to date. Rows of an endpoint that is
// not known ask for the newest catalog.
func (a *Alert) watch(ctx context.Context, s *shard, rows []monitor.Result) error {
	if err := a.rewatch(ctx, s, false); err != nil {
		return err
	}
	for i := range rows {
		if s.watched[rows[i].Endpoint] == nil {
			return a.rewatch(ctx, s, true)
		}
	}
	return nil
}

func (a *Alert) rewatch(ctx context.Context, s *shard, newest bool) error {
	wanted, err := a.catalog.get(ctx, newest)
	if err != nil || wanted == s.watches {
		return err
	}
	watched, now := make(map[string]*watched, len(wanted.shards[s.number])), monitor.At(a.parts.Clock())
	for _, e := range wanted.shards[s.number] {
		watched[e.Key()] = s.watched[e.Key()].redefined(e, now)
	}
	s.watched, s.watches = watched, wanted
	return nil
}
