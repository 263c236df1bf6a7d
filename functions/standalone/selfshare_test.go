package standalone_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// verdicts are what the processes of one monitor say of it, in order.
type verdicts struct {
	mu    sync.Mutex
	said  map[monitor.Instant][]monitor.Outcome // by due time
	wrong string                                // the last reason
}

func (v *verdicts) take(_ context.Context, out ...events.Event) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range out {
		results, err := events.Decode[events.ProbeResults](e)
		if err != nil {
			return err
		}
		for i := range results.Rows {
			row := &results.Rows[i]
			v.said[row.Due] = append(v.said[row.Due], row.Outcome)
			if row.Reason != "" {
				v.wrong = row.Reason
			}
		}
	}
	return nil
}

// sharedParts are those of a process that shares its work. Its figures are what
// the metrics say.
func sharedParts(store drivers.Store, metrics ...prometheus.Collector) standalone.Parts {
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics...)
	return standalone.Parts{
		Settings: standalone.Settings{Events: "kafka", Location: "local", Slot: daySlot, Shards: 1, Batches: 1},
		Store:    store, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Registry: registry,
	}
}

// lagging is a process that does not get on with its folds.
func lagging() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "monitor_store_fold_lag_seconds"}, func() float64 { return 700 })
}

// seeing is a process to whose dashboard results come.
func seeing() prometheus.Collector {
	count := 0.0
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "monitor_query_results_total"}, func() float64 { count++; return count })
}

// judgeTogether has processes judge themselves for so many slots.
func judgeTogether(t *testing.T, slots int, each func(store drivers.Store), processes ...prometheus.Collector) *verdicts {
	t.Helper()
	store, err := drivers.Open(t.Context(), drivers.Settings{
		Store: "sqlite", Data: t.TempDir(), Retention: monitor.Duration(48 * time.Hour), Disk: 10_000_000_000,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	v := &verdicts{said: map[monitor.Instant][]monitor.Outcome{}}
	var judging sync.WaitGroup
	for _, metrics := range processes {
		judging.Go(func() { standalone.WatchSelf(ctx, sharedParts(store, metrics), v.take) })
	}
	for range slots {
		each(store)
		time.Sleep(daySlot)
	}
	time.Sleep(daySlot / 2) // so that the last word of each is said
	stop()
	judging.Wait()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	return v
}

// TestSelfShared has two processes judge one monitor: they speak of the same
// checks, and what is said first of each counts.
func TestSelfShared(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		processes []prometheus.Collector
		want      monitor.Outcome
	}{
		"two that are well say so":            {[]prometheus.Collector{seeing(), seeing()}, monitor.Passed},
		"one that is not well speaks first":   {[]prometheus.Collector{seeing(), lagging()}, monitor.Failed},
		"in whatever order they were started": {[]prometheus.Collector{lagging(), seeing()}, monitor.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				judged := monitor.At(time.Now()).Add(2 * daySlot) // the start is held against nobody
				v := judgeTogether(t, 6, func(drivers.Store) {}, test.processes...)
				if len(v.said) < 5 {
					t.Errorf("got a word on %d slots, want one on each", len(v.said))
				}
				for due, said := range v.said {
					if len(said) != 2 {
						t.Errorf("%s: got %v said, want one word of each process", due.Time(), said)
					}
					if due >= judged && said[0] != test.want {
						t.Errorf("%s: got %v said, want %s first", due.Time(), said, test.want)
					}
				}
			})
		})
	}
}

// TestSelfSharedSlots has a process judge itself that never has a slot to plan.
func TestSelfSharedSlots(t *testing.T) {
	t.Parallel()
	planned := func(store drivers.Store) {
		next := monitor.At(time.Now()).Floor(daySlot).Add(daySlot)
		_, _ = store.SaveClaim(context.Background(), monitor.Claim{Slot: next, Sent: true})
	}
	for name, test := range map[string]struct {
		each func(drivers.Store)
		want string
	}{
		"another process that plans is enough": {planned, ""},
		"nobody that plans is not":             {func(drivers.Store) {}, "no slot was planned for 1m"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := judgeTogether(t, 12, test.each, seeing())
				if diff := cmp.Diff(test.want, v.wrong); diff != "" {
					t.Errorf("what is wrong (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestSelfSharedDefinition holds the monitor's own endpoint to being the same for
// all processes, wherever they listen: each brings it into one catalog.
func TestSelfSharedDefinition(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/monitor.yaml"
	write(t, path, "namespace: shop\n")
	var found []string
	for _, addr := range []string{"127.0.0.1:1", "127.0.0.1:2"} {
		defined, err := standalone.Definitions(standalone.Settings{
			Addr: addr, File: path, Events: "kafka", Slot: daySlot, Self: standalone.SelfSettings{Watch: true},
		})
		if err != nil || len(defined.Endpoints) != 1 {
			t.Fatalf("got %d endpoints and %v, want the monitor itself", len(defined.Endpoints), err)
		}
		found = append(found, defined.Endpoints[0].HTTP.URL)
	}
	if found[0] != found[1] {
		t.Errorf("got the addresses %q, want one for both", found)
	}
}
