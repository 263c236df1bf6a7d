package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxQueued is how many notices a lane holds. What does not fit stays in
// storage and is read again when the lane has run dry.
const maxQueued = 100

// lanes keep the channels apart: each has one attempt in flight.
type lanes struct {
	byChannel map[string]*lane
	held      map[monitor.NoticeKey]struct{} // queued or in flight
	recovered map[string]monitor.Instant     // when a channel accepted what it had failed before
	done      chan attempted
}

type lane struct {
	queue  []monitor.Notice
	busy   bool
	paused monitor.Instant  // nothing is sent before
	shards map[int]struct{} // to be looked at again once the lane has run dry
}

// attempted is the end of one attempt.
type attempted struct {
	notice   monitor.Notice // as it was before
	accepted bool
	pause    time.Duration // of the whole channel
}

func newLanes() lanes {
	return lanes{
		byChannel: map[string]*lane{}, held: map[monitor.NoticeKey]struct{}{},
		recovered: map[string]monitor.Instant{}, done: make(chan attempted),
	}
}

func (l *lanes) add(notice monitor.Notice) {
	if _, held := l.held[notice.Key()]; held {
		return
	}
	to := l.byChannel[notice.Channel]
	if to == nil {
		to = &lane{shards: map[int]struct{}{}}
		l.byChannel[notice.Channel] = to
	}
	to.shards[notice.Shard] = struct{}{}
	if len(to.queue) < maxQueued {
		l.held[notice.Key()] = struct{}{}
		to.insert(notice)
	}
}

// insert keeps the queue in the order in which things were decided.
func (l *lane) insert(notice monitor.Notice) {
	at, _ := slices.BinarySearchFunc(l.queue, notice.Change.Decided+1, func(queued monitor.Notice, decided monitor.Instant) int {
		return cmp.Compare(queued.Change.Decided, decided)
	})
	l.queue = slices.Insert(l.queue, at, notice)
}

// start begins the next attempt of every lane that may.
func (l *lanes) start(now monitor.Instant, attempt func(monitor.Notice) attempted) {
	for channel, ready := range l.byChannel {
		if ready.busy || ready.paused > now {
			continue
		}
		if len(ready.queue) == 0 {
			delete(l.byChannel, channel)
			continue
		}
		notice := ready.queue[0]
		ready.queue = ready.queue[1:]
		ready.busy = true
		go func() { l.done <- attempt(notice) }()
	}
}

// finish takes an attempt's end and returns the shards to look at again.
func (l *lanes) finish(done attempted, now monitor.Instant) []int {
	delete(l.held, done.notice.Key())
	from := l.byChannel[done.notice.Channel]
	from.busy = false
	from.paused = now.Add(done.pause)
	if len(from.queue) > 0 {
		return nil
	}
	again := make([]int, 0, len(from.shards))
	for shard := range from.shards {
		again = append(again, shard)
	}
	clear(from.shards)
	return again
}

// recovers tells whether the attempt shows that its channel works again.
func (l *lanes) recovers(done attempted, now monitor.Instant) bool {
	if !done.accepted || done.notice.Sent <= l.recovered[done.notice.Channel] {
		return false
	}
	l.recovered[done.notice.Channel] = now
	return true
}

// hasten lets notices that failed before their channel recovered be sent now.
func (l *lanes) hasten(pending []monitor.Notice) {
	for i := range pending {
		if n := &pending[i]; n.Sent < l.recovered[n.Channel] {
			n.NextTry = 0
		}
	}
}

// next returns when the first paused lane may go on, at the latest limit.
func (l *lanes) next(limit monitor.Instant) monitor.Instant {
	for _, waiting := range l.byChannel {
		if !waiting.busy && len(waiting.queue) > 0 {
			limit = min(limit, waiting.paused)
		}
	}
	return limit
}

// drain waits for the attempts in flight.
func (l *lanes) drain() {
	for _, open := range l.byChannel {
		if open.busy {
			<-l.done
		}
	}
}
