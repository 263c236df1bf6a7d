package notify

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// channels looks channels up by key in the newest catalog. It reads the
// catalog again only when its revision has changed.
type channels struct {
	catalog storage.Catalog

	turn     chan struct{} // holds one token: one reads at a time, and nobody waits longer than its context
	loaded   bool
	revision int64
	byKey    map[string]monitor.Channel
}

func newChannels(catalog storage.Catalog) channels {
	c := channels{catalog: catalog, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// find returns the channel, and false where it is not defined.
func (c *channels) find(ctx context.Context, key string) (monitor.Channel, bool, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return monitor.Channel{}, false, monitor.Wrap(monitor.Unavailable, ctx.Err(), "wait for the catalog")
	}
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
