package standalone

import (
	"context"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// oneCatalog is a store that reads each revision of the catalog once: the
// functions of this process share it, and none of them writes to it. With many
// endpoints that is most of what is known of them before they are checked. The
// monitor itself comes last, so that nobody needs a copy without it.
type oneCatalog struct {
	drivers.Store

	mu    sync.Mutex
	known monitor.Catalog
}

// Catalog returns the catalog as it is now, which is not to be changed.
func (c *oneCatalog) Catalog(ctx context.Context) (monitor.Catalog, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
