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

// Send tells one notice to one channel and returns the provider's receipt. Its
// error's text is shown to people; an error with a method RetryAfter() is the
// provider's wish to be left alone for so long. It returns when ctx ends.
type Send func(ctx context.Context, channel monitor.Channel, notice monitor.Notice) (receipt string, err error)

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
		catalog: channels{catalog: parts.Catalog},
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
	notices := change.Notices(n.now())
	if len(notices) == 0 {
		return nil
	}
	if err := n.parts.Notices.SaveNotices(ctx, notices); err != nil {
		return err
	}
	n.woken.add(change.Shard)
	return nil
}

func (n *Notify) ticked(_ context.Context, tick *events.ShardTick, _ events.Emit) error {
	n.woken.add(tick.Shard)
	return nil
}

func (n *Notify) now() monitor.Instant { return monitor.At(n.parts.Clock()) }
