package notify

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Send tells one notice to its channel and returns the provider's receipt. Its
// error's text is shown to people; an error with a method RetryAfter() is the
// provider's wish to be left alone for so long. It returns when ctx ends.
type Send func(ctx context.Context, delivery monitor.Delivery) (receipt string, err error)

// Parts are what the function is made of. All of them are needed.
type Parts struct {
	Notices  storage.Notices
	Catalog  storage.Catalog
	Send     Send
	Shards   int
	Clock    func() time.Time
	Log      *slog.Logger
	Registry prometheus.Registerer
}

// Notify is the function and its sender in the background.
type Notify struct {
	parts   Parts
	woken   wakeups
	catalog channels
	metrics metrics
}

// New returns a Notify that has sent nothing yet.
func New(parts Parts) *Notify {
	return &Notify{
		parts:   parts,
		woken:   newWakeups(),
		catalog: newChannels(parts.Catalog),
		metrics: newMetrics(parts.Registry),
	}
}

// Handler returns the notify function. It returns nil once the change's notices
// are saved; Run sends them.
func (n *Notify) Handler() events.Handler {
	return events.Switch(map[string]events.Handler{
		events.TypeIncidentChanged: events.On(n.changed),
		events.TypeShardTick:       events.On(n.ticked),
	})
}

func (n *Notify) changed(ctx context.Context, change *events.IncidentChanged, _ events.Emit) error {
	if err := monitor.CheckShard(change.Shard, n.parts.Shards); err != nil {
		return err
	}
	notices, err := n.hearers(ctx, change.Notices(n.now()))
	if err != nil || len(notices) == 0 {
		return err
	}
	if err := n.parts.Notices.SaveNotices(ctx, notices); err != nil {
		return err
	}
	n.woken.add(change.Shard)
	return nil
}

// hearers returns those of a change's notices whose channels hear of it. A
// notice to a channel that is not defined any more stays, to be given up for
// all to see; only an update to it is of no use to anybody.
func (n *Notify) hearers(ctx context.Context, notices []monitor.Notice) ([]monitor.Notice, error) {
	heard := make([]monitor.Notice, 0, len(notices))
	for i := range notices {
		if notices[i].Change.Change == monitor.Updated {
			channel, _, err := n.catalog.find(ctx, notices[i].Channel)
			if err != nil {
				return nil, err
			}
			if !channel.Hears(monitor.Updated) {
				continue
			}
		}
		heard = append(heard, notices[i])
	}
	return heard, nil
}

func (n *Notify) ticked(_ context.Context, tick *events.ShardTick, _ events.Emit) error {
	if err := monitor.CheckShard(tick.Shard, n.parts.Shards); err != nil {
		return err
	}
	n.woken.add(tick.Shard)
	return nil
}

func (n *Notify) now() monitor.Instant { return monitor.At(n.parts.Clock()) }
