package schedule

import (
	"context"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// minute returns the minute of now, or its slot where slots are longer.
func (s *Schedule) minute(now monitor.Instant) monitor.Instant {
	return now.Floor(s.parts.Plan.TickSpan())
}

// owe notes that this minute's shard ticks are to be emitted, unless they were:
// a slot is handed out one slot ahead, so a claim that lies at least one slot
// behind the minute's begin was sent within it, and the ticks with the first.
func (s *Schedule) owe(past claims, now, next monitor.Instant) {
	minute := s.minute(now)
	for slot, claim := range past {
		if slot >= minute.Add(s.parts.Plan.Slot) && slot < next && claim.Sent && claim.Skipped == "" && claim.Run == s.parts.Run {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owed = minute
}

// tickShards emits the shard ticks that are owed, one a shard. What could not
// be emitted stays owed.
func (s *Schedule) tickShards(ctx context.Context, emit events.Emit) error {
	s.mu.Lock()
	minute := s.owed
	s.owed = 0
	s.mu.Unlock()
	if minute == 0 {
		return nil
	}
	ticks := make([]events.Event, s.parts.Plan.Shards)
	for shard := range ticks {
		key := monitor.ShardKey(shard)
		ticks[shard] = events.New(events.TypeShardTick, events.Head{
			ID: strconv.FormatInt(int64(minute), 10) + "-" + key, Source: "schedule", Key: key,
		}, &events.ShardTick{Shard: shard, Minute: minute})
	}
	err := emit(ctx, ticks...)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.owed = max(s.owed, minute)
	}
	return err
}
