package notify

import (
	"context"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// channels looks channels up by key in the newest catalog. It reads the
// catalog again only when its revision has changed.
type channels struct {
	catalog storage.Catalog

	mutex    sync.Mutex
	loaded   bool
	revision int64
	byKey    map[string]monitor.Channel
}

// find returns the channel, and false where it is not defined.
func (c *channels) find(ctx context.Context, key string) (monitor.Channel, bool, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	revision, err := c.catalog.CatalogRevision(ctx)
	if err != nil {
		return monitor.Channel{}, false, err
	}
	if !c.loaded || revision != c.revision {
		if err := c.load(ctx); err != nil {
			return monitor.Channel{}, false, err
		}
	}
	channel, ok := c.byKey[key]
	return channel, ok, nil
}

func (c *channels) load(ctx context.Context) error {
	catalog, err := c.catalog.Catalog(ctx)
	if err != nil {
		return err
	}
	c.byKey = make(map[string]monitor.Channel, len(catalog.Channels))
	for _, channel := range catalog.Channels {
		c.byKey[channel.Key()] = channel
	}
	c.revision, c.loaded = catalog.Revision, true
	return nil
}
