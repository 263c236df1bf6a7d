package standalone_test

import (
	"flag"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
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
			sleepUntil(d.end.Add(6*time.Minute + daySlot/2))
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
	b := runInBubble(t, data, func(parts *standalone.Parts) {
		if _, err := query.Define(t.Context(), parts.Store, func(current monitor.Catalog) monitor.CatalogChange {
			return config.Plan(current, d.definition())
		}); err != nil {
			t.Fatal(err)
		}
		parts.Settings.Concurrency = 4096
		parts.Defined, parts.Files = d.definition(), config.MarkOf(parts.Settings.File)
		parts.Look, parts.Send = d.look, d.send
	})
	defer b.stop()
	during(b.store, b.client)
}
