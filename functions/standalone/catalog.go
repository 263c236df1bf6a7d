package standalone

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// oneCatalog is a store that reads each revision of the catalog once: the
// functions of this process share it, and none of them writes to it. With many
// endpoints that is most of what is known of them before they are checked. The
// monitor itself comes last, so that nobody needs a copy without it.
type oneCatalog struct {
	drivers.Store

	turn  chan struct{} // holds one token: one reads at a time, and nobody waits longer than its context
	known monitor.Catalog
}

func newOneCatalog(store drivers.Store) *oneCatalog {
	c := &oneCatalog{Store: store, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// Catalog returns the catalog as it is now, which is not to be changed.
func (c *oneCatalog) Catalog(ctx context.Context) (monitor.Catalog, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return monitor.Catalog{}, monitor.Wrap(monitor.Unavailable, ctx.Err(), "wait for the catalog")
	}
	revision, err := c.CatalogRevision(ctx)
	if err != nil {
		return monitor.Catalog{}, err
	}
	if revision == 0 || revision != c.known.Revision {
		newest, err := c.Store.Catalog(ctx)
		if err != nil {
			return monitor.Catalog{}, err
		}
		setSelfLast(newest.Endpoints)
		c.known = newest
	}
	return c.known, nil
}
