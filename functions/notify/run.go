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
)

// Run sends notices until ctx ends, and then waits for the attempts in hand:
// at most sendLimit and a last try to record the outcome.
func (n *Notify) Run(ctx context.Context) error {
	s := &sender{
		Notify: n, due: map[int]monitor.Instant{}, pending: map[int]int{},
		lanes: newLanes(), looks: newLooks(n.parts.Shards),
	}
	s.wakeAll()
	for {
		s.look(ctx)
		s.lanes.start(n.now(), func(notice monitor.Notice) attempted { return n.attempt(ctx, notice) })
		timer := time.NewTimer(s.rest())
		select {
		case <-ctx.Done():
			timer.Stop()
			s.lanes.drain()
			s.looks.running.Wait()
			return nil
		case <-n.woken.signal:
			s.wake(n.woken.take())
		case read := <-s.looks.done:
			s.looks.end(read)
			s.queue(ctx, read)
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
	looks   looks
	unread  telemetry.Outage[int] // by shard
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
	now, awaited := s.now(), 0
	for shard, at := range s.due {
		if at > now || s.looks.reading[shard] || ctx.Err() != nil {
			continue
		}
		delete(s.due, shard)
		if s.looks.begin(shard, func() ([]monitor.Notice, error) { return s.read(ctx, shard) }) {
			awaited++
		}
	}
	if awaited > 0 {
		s.looks.await(ctx, awaited, func(read looked) { s.queue(ctx, read) })
	}
}

func (s *sender) read(ctx context.Context, shard int) ([]monitor.Notice, error) {
	limited, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return s.parts.Notices.PendingNotices(limited, shard)
}

// queue takes what has been read of a shard.
func (s *sender) queue(ctx context.Context, read looked) {
	now, shard := s.now(), read.shard
	s.say(ctx, read)
	if read.err != nil {
		s.due[shard] = now.Add(storePause)
		return
	}
	s.count(shard, len(read.pending))
	s.lanes.hasten(read.pending)
	for _, ready := range monitor.Sendable(read.pending, now) {
		s.lanes.add(ready)
	}
	_, woken := s.due[shard]
	if next := nextTry(read.pending, now); next > 0 && !woken {
		s.due[shard] = next
	}
}

// say tells the log that shards cannot be read, once for many, and of the end.
func (s *sender) say(ctx context.Context, read looked) {
	now := s.parts.Clock()
	if read.err == nil {
		if over, others := s.unread.Work(read.shard, now); over {
			s.parts.Log.Info("the pending notices can be read again", telemetry.WithOthers(others)...)
		}
		return
	}
	if ctx.Err() != nil {
		return
	}
	if tell, others := s.unread.Fail(read.shard, now); tell {
		s.parts.Log.Warn("cannot read the pending notices; trying again until they can be read",
			telemetry.WithOthers(others, telemetry.KeyShard, read.shard, telemetry.KeyError, read.err)...)
	}
}

func (s *sender) count(shard, pending int) {
	s.metrics.pending.Add(float64(pending - s.pending[shard]))
	s.pending[shard] = pending
}

// rest returns how long nothing is due.
func (s *sender) rest() time.Duration {
	now := s.now()
	next := s.lanes.next(now.Add(idle))
	for shard, at := range s.due {
		if !s.looks.reading[shard] {
			next = min(next, at)
		}
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
