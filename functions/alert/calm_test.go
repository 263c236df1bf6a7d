package alert_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// blind is a store whose catalog cannot be read while it is away.
type blind struct {
	storage.Store
	away bool
}

func (s *blind) CatalogRevision(ctx context.Context) (int64, error) {
	if s.away {
		return 0, monitor.Errorf(monitor.Unavailable, "the cluster is away")
	}
	return s.Store.CatalogRevision(ctx)
}

func (s *blind) Catalog(ctx context.Context) (monitor.Catalog, error) {
	if s.away {
		return monitor.Catalog{}, monitor.Errorf(monitor.Unavailable, "the cluster is away")
	}
	return s.Store.Catalog(ctx)
}

// TestCalm has a store away for all shards: the log says so once, and once that it
// is back for good.
func TestCalm(t *testing.T) {
	t.Parallel()
	const shards = 16
	b := newBench(t, cart())
	store := &blind{Store: b.store}
	var lines bytes.Buffer
	a := alert.New(alert.Parts{
		Store: store, Shards: shards, Slot: slot, Clock: b.clock,
		Log: slog.New(slog.NewTextHandler(&lines, nil)), Registry: prometheus.NewRegistry(),
	})
	feed := func(second int) {
		b.advance(at(second))
		for shard := range shards {
			in := events.ProbeResults{Shard: shard, Rows: rows("shop/cart", "p", second)}
			if err := a.Handler()(t.Context(), events.New(events.TypeProbeResults, events.Head{ID: "results", Source: "probe"}, &in), b.emit); err != nil {
				t.Fatal(err)
			}
		}
	}
	said := func() int {
		return strings.Count(lines.String(), "put off") + strings.Count(lines.String(), "cannot be decided on")
	}
	store.away = true
	for second := range 50 {
		feed(second)
	}
	if said() != 1 || !strings.Contains(lines.String(), "level=WARN") || strings.Contains(lines.String(), "others") {
		t.Errorf("got\n%s\nwant one warning for all shards, that names no others yet", lines.String())
	}
	feed(70)
	if said() != 2 || !strings.Contains(lines.String(), "others=15") {
		t.Errorf("got\n%s\nwant another one after a minute, for the 15 others", lines.String())
	}
	for _, second := range []int{80, 90, 100, 110, 120, 130} { // it comes and goes
		store.away = second%20 != 0
		feed(second)
	}
	if said() != 2 {
		t.Errorf("got\n%s\nwant none more while it works in between only", lines.String())
	}
	store.away = false
	feed(140)
	feed(199)
	if said() != 2 {
		t.Errorf("got\n%s\nwant none more before it has worked for a minute", lines.String())
	}
	feed(200)
	if said() != 3 || strings.Count(lines.String(), "put off no more") != 1 {
		t.Errorf("got\n%s\nwant one line more, that it is over", lines.String())
	}
	store.away = true
	feed(210)
	if said() != 4 || strings.Count(lines.String(), "others=") != 2 {
		t.Errorf("got\n%s\nwant one warning of the next time, without others", lines.String())
	}
}
