package alert

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// catalogAge is how old the known catalog may be.
const catalogAge = time.Second

// catalog remembers the definitions and reads them again when their revision
// has risen.
type catalog struct {
	store  storage.Catalog
	clock  func() time.Time
	shards int

	turn    chan struct{} // holds one token: one reads at a time, and nobody waits longer than its context
	checked time.Time
	known   *definitions
}

func newCatalog(parts Parts) *catalog {
	c := &catalog{store: parts.Store, clock: parts.Clock, shards: parts.Shards, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c
}

// definitions are the endpoints of one revision of the catalog, by shard, and
// the channels, by key. They never change.
type definitions struct {
	revision int64
	shards   [][]*monitor.Endpoint
	channels map[string]monitor.Channel
}

// get returns the definitions: those that were in force a moment ago, or, if
// the newest are asked for, those that are now.
func (c *catalog) get(ctx context.Context, newest bool) (*definitions, error) {
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, monitor.Wrap(monitor.Unavailable, ctx.Err(), "wait for the catalog")
	}
	now := c.clock()
	if c.known != nil && !newest && now.Sub(c.checked) < catalogAge {
		return c.known, nil
	}
	revision, err := c.store.CatalogRevision(ctx)
	if err == nil && (c.known == nil || revision != c.known.revision) {
		err = c.read(ctx)
	}
	if err != nil {
		return nil, monitor.Wrap(monitor.CodeOf(err), err, "load the catalog")
	}
	c.checked = now
	return c.known, nil
}

func (c *catalog) read(ctx context.Context) error {
	all, err := c.store.Catalog(ctx)
	if err != nil {
		return err
	}
	known := &definitions{
		revision: all.Revision, shards: make([][]*monitor.Endpoint, c.shards), channels: map[string]monitor.Channel{},
	}
	for _, channel := range all.Channels {
		known.channels[channel.Key()] = channel
	}
	for i := range all.Endpoints {
		e := &all.Endpoints[i]
		shard := monitor.ShardOf(e.Key(), c.shards)
		known.shards[shard] = append(known.shards[shard], e)
	}
	c.known = known
	return nil
}
