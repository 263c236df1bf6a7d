package notify

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	idle       = time.Hour       // the longest sleep of the sender without anything to do
	storePause = 5 * time.Second // before a store that failed is tried again
	lookLimit  = 2 * time.Second // the longest look at a shard
)

// Run sends notices until ctx ends, and then waits for the attempts in hand:
// at most sendLimit and a last try to record the outcome.
func (n *Notify) Run(ctx context.Context) error {
	s := sender{Notify: n, due: map[int]monitor.Instant{}, pending: map[int]int{}, unread: map[int]bool{}, lanes: newLanes()}
	s.wakeAll()
	for {
		s.look(ctx)
		s.lanes.start(n.now(), func(notice monitor.Notice) attempted { return n.attempt(ctx, notice) })
		timer := time.NewTimer(s.rest())
		select {
		case <-ctx.Done():
			timer.Stop()
			s.lanes.drain()
			return nil
		case <-n.woken.signal:
			s.wake(n.woken.take())
		case done := <-s.lanes.done:
			s.finish(done)
		case <-timer.C:
		}
		timer.Stop()
	}
}

// sender is what one Run knows. Storage holds the truth: all of it can be
// found again by looking at every shard.
type sender struct {
	*Notify
	due     map[int]monitor.Instant // when to look at a shard; absent: not before it is woken
	pending map[int]int             // notices per shard, as last seen
	lanes   lanes
	unread  map[int]bool // shards that could not be read the last time
}

func (s *sender) wake(shards []int) {
	for _, shard := range shards {
		s.due[shard] = 0
	}
}

func (s *sender) wakeAll() {
	for shard := range s.parts.Shards {
		s.due[shard] = 0
	}
}

// finish takes an attempt's end. A channel that works again is told all that
// waits for it, without the waits that its failures have led to.
func (s *sender) finish(done attempted) {
	s.wake(s.lanes.finish(done, s.now()))
	if s.lanes.recovers(done, s.now()) {
		s.wakeAll()
	}
}

// look reads the shards whose time has come and queues what may be sent.
func (s *sender) look(ctx context.Context) {
	now := s.now()
	for shard, at := range s.due {
		if at > now || ctx.Err() != nil {
			continue
		}
		delete(s.due, shard)
		pending, err := s.read(ctx, shard)
		if err != nil {
			s.due[shard] = s.now().Add(storePause)
			continue
		}
		s.count(shard, len(pending))
		s.lanes.hasten(pending)
		for _, ready := range monitor.Sendable(pending, now) {
			s.lanes.add(ready)
		}
		if next := nextTry(pending, now); next > 0 {
			s.due[shard] = next
		}
	}
}

// read returns the shard's pending notices. One shard that cannot be read holds up
// the others for lookLimit at most. The log hears of the first of them, and of the
// end.
func (s *sender) read(ctx context.Context, shard int) ([]monitor.Notice, error) {
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	pending, err := s.parts.Notices.PendingNotices(limited, shard)
	if err == nil {
		failed := s.unread[shard]
		delete(s.unread, shard)
		if failed && len(s.unread) == 0 {
			s.parts.Log.Info("the pending notices can be read again")
		}
		return pending, nil
	}
	if len(s.unread) == 0 && ctx.Err() == nil {
		s.parts.Log.Warn("cannot read the pending notices; trying again until they can be read",
			telemetry.KeyShard, shard, telemetry.KeyError, err)
	}
	s.unread[shard] = true
	return nil, err
}

func (s *sender) count(shard, pending int) {
	s.metrics.pending.Add(float64(pending - s.pending[shard]))
	s.pending[shard] = pending
}

// rest returns how long nothing is due.
func (s *sender) rest() time.Duration {
	now := s.now()
	next := s.lanes.next(now.Add(idle))
	for _, at := range s.due {
		next = min(next, at)
	}
	return max(next.Sub(now), 0)
}

// nextTry returns when the first of the notices that wait for a time may be
// sent; 0 where none waits for one.
func nextTry(pending []monitor.Notice, now monitor.Instant) monitor.Instant {
	var next monitor.Instant
	for i := range pending {
		at := max(pending[i].NextTry, pending[i].Lease)
		if at > now && (next == 0 || at < next) {
			next = at
		}
	}
	return next
}
