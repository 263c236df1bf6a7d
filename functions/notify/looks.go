package notify

import (
	"context"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// lookLimit is the longest reading of a shard. A driver gives up sooner where
// nobody answers; one with much to read takes its time.
const lookLimit = 30 * time.Second

// lookPatience is how long what can be sent waits for shards that are being read.
const lookPatience = 2 * time.Second

// looks are the readings of shards, all that are due at once. They are waited for,
// so that notices of many shards are sent in the order in which they were decided;
// but not for long, and not at all for a shard that took longer the last time.
type looks struct {
	reading map[int]bool
	slow    map[int]bool
	done    chan looked // has room for all of them
	running *sync.WaitGroup
}

// looked is the end of a reading.
type looked struct {
	shard   int
	pending []monitor.Notice
	err     error
	took    time.Duration
}

func newLooks(shards int) looks {
	return looks{reading: map[int]bool{}, slow: map[int]bool{}, done: make(chan looked, shards), running: new(sync.WaitGroup)}
}

// begin reads a shard in the background, and tells whether to wait for it.
func (l *looks) begin(shard int, read func() ([]monitor.Notice, error)) bool {
	l.reading[shard] = true
	began := time.Now()
	l.running.Go(func() {
		pending, err := read()
		l.done <- looked{shard, pending, err, time.Since(began)}
	})
	return !l.slow[shard]
}

// end takes the end of a reading, and tells whether it was waited for.
func (l *looks) end(read looked) bool {
	awaited := !l.slow[read.shard]
	delete(l.reading, read.shard)
	delete(l.slow, read.shard)
	if read.took >= lookPatience {
		l.slow[read.shard] = true
	}
	return awaited
}

// await hands on what has been read, until n readings that are waited for have
// ended or there is no more patience.
func (l *looks) await(ctx context.Context, n int, take func(looked)) {
	patience := time.NewTimer(lookPatience)
	defer patience.Stop()
	for n > 0 {
		select {
		case read := <-l.done:
			if l.end(read) {
				n--
			}
			take(read)
		case <-patience.C:
			for shard := range l.reading {
				l.slow[shard] = true
			}
			return
		case <-ctx.Done():
			return
		}
	}
}
