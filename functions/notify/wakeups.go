package notify

import "sync"

// wakeups collects the shards that the sender has to look at. Adding never
// waits; signal holds one value while there are any.
type wakeups struct {
	signal chan struct{}
	mutex  *sync.Mutex
	shards map[int]struct{}
}

func newWakeups() wakeups {
	return wakeups{signal: make(chan struct{}, 1), mutex: new(sync.Mutex), shards: map[int]struct{}{}}
}

func (w wakeups) add(shard int) {
	w.mutex.Lock()
	w.shards[shard] = struct{}{}
	w.mutex.Unlock()
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

func (w wakeups) take() []int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	taken := make([]int, 0, len(w.shards))
	for shard := range w.shards {
		taken = append(taken, shard)
	}
	clear(w.shards)
	return taken
}
