package schedule_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// gated is a catalog of which one read waits.
type gated struct {
	storage.Store
	reads            *atomic.Int32
	entered, release chan struct{}
}

func (g gated) Catalog(ctx context.Context) (monitor.Catalog, error) {
	if g.reads.Add(1) == 2 {
		close(g.entered)
		<-g.release
	}
	return g.Store.Catalog(ctx)
}

// TestFreshBetweenTwoTicks has the catalog change twice while two ticks read it.
func TestFreshBetweenTwoTicks(t *testing.T) {
	t.Parallel()
	l := newLab(t, endpoint("a", time.Hour))
	catalog := gated{l.store, &atomic.Int32{}, make(chan struct{}), make(chan struct{})}
	handle := l.scheduler(func(parts *schedule.Parts) { parts.Catalog = catalog })
	l.tick(t, handle)
	l.define(t, 1, endpoint("b", time.Hour))
	all := make(chan []*events.ProbeDue)
	go func() {
		due, _, _ := l.try(t, handle)
		all <- due
	}()
	<-catalog.entered
	l.tick(t, handle)
	l.define(t, 2, endpoint("c", time.Hour))
	close(catalog.release)
	checked := map[string]int{}
	for _, due := range <-all {
		for _, e := range due.Endpoints {
			if due.Kind == monitor.Manual {
				checked[e.Endpoint.ID]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"b": 1, "c": 1}, checked); diff != "" {
		t.Errorf("checks at once (-want +got):\n%s", diff)
	}
}
