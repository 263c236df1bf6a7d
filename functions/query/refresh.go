package query

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	refreshEvery = time.Second     // looks at the catalog and at states
	lookWithin   = 3 * time.Second // that the store may take for one of these looks
	staleAfter   = 3 * time.Second // without a whole look: what is in memory counts as stale
	looksAtOnce  = 8               // at states
)

// refresher keeps the memory in step with what is stored.
type refresher struct {
	*Query
	late   *time.Timer // ends when what was emitted before the tail began is stored
	round  int
	again  bool // everything is to be loaded once more
	missed bool // the tail has missed events
}

// refreshing keeps the memory in step with what is stored. It loads once more a
// while after the tail began: what was emitted before that may have been stored
// only after the load.
func (q *Query) refreshing(ctx context.Context) {
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	r := refresher{Query: q, late: time.NewTimer(storedWithin)}
	defer r.late.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.reload:
			r.again, r.missed = true, true
			r.look(ctx)
		case <-r.late.C:
			r.again = true
			r.look(ctx)
		case <-q.strays:
			if _, stale := q.memory.asOf(); !stale { // the next round looks as well
				r.judge(ctx, q.now(), q.refreshCatalog(ctx))
			}
		case <-ticker.C:
			r.round++
			r.look(ctx)
		}
	}
}

// look reads what may have changed, and judges by that whether the memory is stale.
func (r *refresher) look(ctx context.Context) {
	begun := r.now()
	err := r.refreshCatalog(ctx)
	if err == nil && r.again {
		err = r.loadAgain(ctx)
	}
	if err == nil {
		err = r.refreshStates(ctx, r.round)
	}
	if err == nil {
		r.memory.lookedWhole(begun)
	}
	r.judge(ctx, begun, err)
}

func (r *refresher) loadAgain(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	r.again = false
	if r.missed {
		r.missed = false
		r.memory.missed()
		r.late.Reset(storedWithin)
	}
	return nil
}

// judge says that the memory is stale once a look has failed and the last whole
// one is too long ago, and that it is not, once one comes to its end. The log
// hears of both, and of nothing in between.
func (r *refresher) judge(ctx context.Context, begun monitor.Instant, err error) {
	asOf, stale := r.memory.asOf()
	switch {
	case ctx.Err() != nil:
	case err == nil && stale && asOf >= begun:
		r.memory.setStale(false)
		r.log.InfoContext(ctx, "the store answers again")
	case err != nil && !stale && r.now().Sub(asOf) >= staleAfter:
		r.memory.setStale(true)
		r.log.WarnContext(ctx, "the store does not answer; what is in memory is answered until it does",
			telemetry.KeyLag, r.now().Sub(asOf), telemetry.KeyError, err)
	case err != nil:
		r.log.DebugContext(ctx, "cannot read what is stored; trying again", telemetry.KeyError, err)
	}
}

// refreshStates reads the states that may have changed: those of shards with
// news, and a sixteenth of all others, since silence makes no news. A shard
// with news is read twice, a second apart, and each result of an endpoint that
// is not up is news; so a decision shows within two seconds, or, where alert
// emitted incident.changed, at once. While the memory is stale all are read.
func (q *Query) refreshStates(ctx context.Context, round int) error {
	wanted := q.memory.worthReading(round)
	if _, stale := q.memory.asOf(); stale {
		wanted = q.memory.generations()
	}
	queue := make(chan int, len(wanted))
	for shard := range wanted {
		queue <- shard
	}
	close(queue)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var looks sync.WaitGroup
	faults := make([]error, looksAtOnce)
	for n := range faults {
		looks.Go(func() {
			for shard := range queue {
				if faults[n] = q.settle(ctx, shard, wanted[shard]); faults[n] != nil {
					cancel() // the others need not be looked at any more
					return
				}
			}
		})
	}
	looks.Wait()
	return errors.Join(faults...)
}
