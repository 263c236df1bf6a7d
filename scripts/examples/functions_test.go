package examples_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// TestFunctions has our functions plan, keep and decide, and the program probe
// between them: an endpoint that fails becomes an incident, one that is well has
// results, and one that cannot be checked has a gap with its reason.
func TestFunctions(t *testing.T) {
	t.Parallel()
	s, url := newStage(t), target(t)
	kept, err := drivers.Open(t.Context(), drivers.Settings{
		Store: "sqlite", Data: t.TempDir(), Retention: monitor.Duration(time.Hour), Disk: 1_000_000_000,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	change := monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{
		watched("bad", url+"/bad", ""), watched("cel", url+"/ok", "true"), watched("ok", url+"/ok", ""),
	}}
	if _, err := kept.ChangeCatalog(t.Context(), 0, change); err != nil {
		t.Fatal(err)
	}
	s.host(kept)
	end := s.probe()
	s.until("an incident of what fails", func() bool {
		open, err := kept.Incidents(t.Context(), storage.IncidentFilter{Open: true, Limit: 10})
		return err == nil && len(open) == 1 && open[0].Endpoint == "shop/bad" && open[0].Fault == monitor.FaultExpectation
	})
	for id, outcome := range map[string]monitor.Outcome{"ok": monitor.Passed, "cel": monitor.OutcomeUnknown} {
		s.until("results of "+id+" are stored", func() bool { return stored(t, kept, "shop/"+id)[outcome] > 2 })
	}
	if seen := stored(t, kept, "shop/cel"); len(seen) != 1 {
		t.Errorf("got %v of an endpoint that the probe cannot check, want unknown alone", seen)
	}
	if err := end(15); err != nil {
		t.Errorf("the probe ended with %v", err)
	}
}

func watched(id, url, cel string) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: "shop", ID: id, Name: id, HTTP: monitor.HTTP{URL: url, Method: "GET"}, Interval: monitor.Duration(time.Second),
		Timeout: monitor.Duration(5 * time.Second), Expect: monitor.Expect{CEL: cel}, Alert: monitor.Alert{After: 2, Recover: 2},
	}
}

// host runs schedule, store and alert on the stage until the test ends, and
// ticks.
func (s *stage) host(kept drivers.Store) {
	s.t.Helper()
	plan := monitor.Plan{Slot: 2 * time.Second, Batches: 4, Shards: shards}
	log, registry := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	keeping := store.New(store.Parts{Records: kept, Shards: shards, Clock: time.Now, Log: log, Registry: registry})
	consumer, err := kafka.NewConsumer(kafka.Options{Settings: s.settings, Topology: s.wiring, Sender: s.sender, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	for name, handler := range map[string]events.Handler{
		"schedule": schedule.New(schedule.Parts{
			Catalog: kept, Claims: kept, States: kept, Plan: plan, Locations: []string{location}, Clock: time.Now, Log: log, Registry: registry,
		}).Handler(),
		"store": keeping.Handler(),
		"alert": alert.New(alert.Parts{Store: kept, Shards: shards, Slot: plan.Slot, Clock: time.Now, Log: log, Registry: registry}).Handler(),
	} {
		if err := consumer.Subscribe(name, handler); err != nil {
			s.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = consumer.Run(ctx) })
	running.Go(func() { _ = keeping.Run(ctx) })
	running.Go(func() { s.tick(ctx, plan.Slot) })
	s.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// tick wakes schedule until ctx ends.
func (s *stage) tick(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		ping := events.New(events.TypePing, events.Head{ID: rand.Text(), Source: "test"}, &events.Ping{})
		_ = s.sender.Emit(ctx, ping) // the next one will do
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// stored counts the results of an endpoint that store has, by outcome: those that
// are folded already, and those that are not.
func stored(t *testing.T, kept drivers.Store, endpoint string) map[monitor.Outcome]int {
	t.Helper()
	out := map[monitor.Outcome]int{}
	rows, err := kept.Results(t.Context(), endpoint, location, 0, monitor.At(time.Now()).Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	tail, err := kept.TailRows(t.Context(), monitor.ShardOf(endpoint, shards), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range tail {
		var results events.ProbeResults
		if err := events.DecodeResults(one.Data, &results); err != nil {
			t.Fatal(err)
		}
		for _, row := range results.Rows {
			if row.Endpoint == endpoint {
				rows = append(rows, row)
			}
		}
	}
	for _, row := range rows {
		out[row.Outcome]++
	}
	return out
}
