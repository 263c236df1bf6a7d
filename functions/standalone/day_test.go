package standalone_test

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

var whole = flag.Bool("day", false, "run the whole day: 24 hours of 1,000 endpoints")

const (
	dayAddr     = "127.0.0.1:8080"
	dayLocation = "local"
	daySlot     = 10 * time.Second
	dayShards   = 4
)

// TestDay runs the whole monitor, all but the network, through a scripted day
// in fake time and holds all that it has kept and told to the script. Without
// -day the day has three hours.
func TestDay(t *testing.T) {
	t.Parallel()
	endpoints, length := 80, 3*time.Hour
	if *whole {
		endpoints, length = 1000, 24*time.Hour
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(24*time.Hour - length) // the day's end is that of a calendar day
		d, data := newDay(endpoints, length), t.TempDir()
		d.run(t, data, func(drivers.Store, *http.Client) { sleepUntil(d.off.from) })
		sleepUntil(d.off.to)
		d.run(t, data, func(store drivers.Store, client *http.Client) {
			sleepUntil(d.end.Add(3*time.Minute + daySlot/2))
			d.assertClaims(t, store)
			d.assertTail(t, store, data)
			d.assertResults(t, store)
			for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
				d.assertRollups(t, store, tier)
			}
			d.assertIncidents(t, store)
			d.assertAnswers(t, client)
		})
	})
}

func sleepUntil(at monitor.Instant) { time.Sleep(time.Until(at.Time())) }

// run runs the monitor on the data for as long as during takes. Its endpoints
// are no news to it, so that none is checked out of turn.
func (d *day) run(t *testing.T, data string, during func(drivers.Store, *http.Client)) {
	t.Helper()
	registry := prometheus.NewRegistry()
	kept := drivers.Settings{Store: "sqlite", Data: data, Retention: monitor.Duration(48 * time.Hour), Disk: 10_000_000_000}
	store, err := drivers.Open(t.Context(), kept, registry)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if _, err := query.Define(t.Context(), store, func(current monitor.Catalog) monitor.CatalogChange {
		return config.Plan(current, d.definition())
	}); err != nil {
		t.Fatal(err)
	}
	gate, err := auth.Open(auth.None, dayAddr, data)
	if err != nil {
		t.Fatal(err)
	}
	settings := standalone.Settings{
		Addr: dayAddr, File: filepath.Join(data, "monitor.yaml"), Location: dayLocation,
		Slot: daySlot, Shards: dayShards, Batches: dayShards, Concurrency: 4096, Store: kept,
	}
	app, err := standalone.New(standalone.Parts{
		Settings: settings, Defined: d.definition(), Files: config.MarkOf(settings.File), Store: store, Gate: gate,
		Secrets: secret.Resolver{}, Look: d.look, Send: d.send,
		Clock: time.Now, Log: slog.New(slog.DiscardHandler), Registry: registry,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	network, stopped := newPipes(), make(chan error, 1)
	go func() { stopped <- app.Run(ctx, network) }()
	defer func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("the monitor ended with %v", err)
		}
	}()
	during(store, network.client())
}
