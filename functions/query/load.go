package query

import (
	"context"
	"sync/atomic"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// loaded tells whether the memory holds what is stored.
type loaded struct{ atomic.Bool }

// refreshCatalog takes over the catalog if its revision has changed.
func (q *Query) refreshCatalog(ctx context.Context) error {
	brief, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	revision, err := q.catalog.CatalogRevision(brief)
	if err != nil || q.memory.defines(revision) {
		return err
	}
	catalog, err := q.catalog.Catalog(ctx)
	if err != nil {
		return err
	}
	q.memory.define(&catalog)
	return nil
}

// load enters what is stored of every shard: the latest results, those that
// are not folded yet, and the states.
func (q *Query) load(ctx context.Context) error {
	for shard, generation := range q.memory.generations() {
		latest, err := q.history.Latest(ctx, shard)
		if err != nil {
			return err
		}
		q.memory.apply(latest)
		if _, err := q.unfolded(ctx, shard, func(rows []monitor.Result) { q.memory.apply(rows) }); err != nil {
			return err
		}
		if err := q.settle(ctx, shard, generation); err != nil {
			return err
		}
	}
	return nil
}

func (q *Query) settle(ctx context.Context, shard int, generation uint64) error {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	state, err := q.states.ShardState(ctx, shard)
	if err != nil {
		return err
	}
	state.Shard = shard
	q.memory.settle(&state, generation)
	return nil
}
