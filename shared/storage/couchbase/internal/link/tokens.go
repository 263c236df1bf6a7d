package link

import (
	"sync"
	"time"

	"github.com/couchbase/gocb/v2"
)

// tokensHold is how long an index may lag behind a write of ours and still be
// waited for.
const tokensHold = time.Minute

// tokens remember where the newest durable writes to a collection went, one for
// each of its partitions at most, so that a query can wait for its index to have
// seen them.
type tokens struct {
	mu     sync.Mutex
	newest map[uint64]token // by partition
}

type token struct {
	of *gocb.MutationToken
	at time.Time
}

func (t *tokens) keep(of *gocb.MutationToken, now time.Time) {
	if of == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.newest == nil {
		t.newest = map[uint64]token{}
	}
	kept, ok := t.newest[of.PartitionID()]
	if ok && kept.of.PartitionUUID() == of.PartitionUUID() && kept.of.SequenceNumber() > of.SequenceNumber() {
		return
	}
	t.newest[of.PartitionID()] = token{of: of, at: now}
}

// state returns what a query has to wait for; nil: nothing.
func (t *tokens) state(now time.Time) *gocb.MutationState {
	t.mu.Lock()
	defer t.mu.Unlock()
	var state *gocb.MutationState
	for partition, kept := range t.newest {
		if now.Sub(kept.at) > tokensHold {
			delete(t.newest, partition)
			continue
		}
		if state == nil {
			state = gocb.NewMutationState()
		}
		state.Add(*kept.of)
	}
	return state
}
