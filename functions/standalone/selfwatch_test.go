package standalone_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

const selfDefinitions = `
namespace: shop
channels: [{name: hook, webhook: {url: "http://hook.example"}}]
endpoints: [{name: cart, interval: 10s, http: {url: "http://cart.example"}, alert: {channels: [hook]}}]
---
namespace: monitor
channels: [{name: oncall, webhook: {url: "http://oncall.example"}}]
`

// outside is a shop that is down, and a channel that takes nothing until it is repaired.
type outside struct {
	mu       sync.Mutex
	repaired bool
	told     []string // what was accepted: channel, endpoint and change
}

func (o *outside) look(context.Context, *look.Request) look.Answer {
	return look.Answer{Took: time.Millisecond, Fault: monitor.FaultRefused, Reason: "nothing listens there"}
}

func (o *outside) send(_ context.Context, delivery monitor.Delivery) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if delivery.Channel.Name == "hook" && !o.repaired {
		return "", errors.New("busy: try again")
	}
	change := delivery.Notice.Change
	o.told = append(o.told, delivery.Channel.Key()+" "+change.Incident.Endpoint+" "+string(change.Change))
	return "taken", nil
}

func (o *outside) repair() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.repaired = true
}

func (o *outside) heard() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.told)
}

// TestSelf holds the monitor to opening an incident of its own where a notice
// does not get out, and to telling those who care for it.
func TestSelf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outside{}
		store, pings := runSelf(t, o)
		time.Sleep(4*time.Minute + 30*time.Second)
		if got := o.heard(); len(got) > 0 {
			t.Fatalf("got %q told so soon, want nothing", got)
		}
		if tried, withheld := pings(); tried != 4 || withheld != 0 {
			t.Fatalf("got %v pings tried and %v withheld while all was well, want 4 and 0", tried, withheld)
		}
		time.Sleep(2 * time.Minute)
		if tried, withheld := pings(); tried != 5 || withheld != 1 {
			t.Fatalf("got %v pings tried and %v withheld, want 5 and 1", tried, withheld)
		}
		incidents := selfIncidents(t, store)
		if len(incidents) != 1 || incidents[0].Ended != 0 || incidents[0].Timeline[0].Reason == "" {
			t.Fatalf("got %+v, want one open incident with its reason", incidents)
		}
		o.repair()
		time.Sleep(6 * time.Minute)
		want := []string{"monitor/oncall monitor/self opened", "shop/hook shop/cart opened", "monitor/oncall monitor/self resolved"}
		if diff := cmp.Diff(want, o.heard()); diff != "" {
			t.Fatalf("told (-want +got):\n%s", diff)
		}
		if incidents = selfIncidents(t, store); len(incidents) != 1 || incidents[0].Ended == 0 {
			t.Fatalf("got %+v, want one incident that has ended", incidents)
		}
	})
}

func selfIncidents(t *testing.T, store drivers.Store) []monitor.Incident {
	t.Helper()
	all, err := store.Incidents(t.Context(), storage.IncidentFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(i monitor.Incident) bool { return i.Endpoint != "monitor/self" })
}

// runSelf runs the monitor until the test ends. It returns its store, and how
// many pings to the outside were tried and withheld so far.
func runSelf(t *testing.T, o *outside) (store drivers.Store, pings func() (tried, withheld float64)) {
	t.Helper()
	b := runInBubble(t, t.TempDir(), func(parts *standalone.Parts) {
		parts.Settings.Self = standalone.SelfSettings{Watch: true, Ping: "http://127.0.0.1:1", Interval: time.Minute}
		parts.Look, parts.Send = o.look, o.send
		write(t, parts.Settings.File, selfDefinitions)
		var err error
		if parts.Defined, err = standalone.Definitions(parts.Settings); err != nil {
			t.Fatal(err)
		}
		parts.Files = config.MarkOf(parts.Settings.File)
	})
	return b.store, func() (tried, withheld float64) {
		return pingsOf(t, b.registry, "failed"), pingsOf(t, b.registry, "withheld")
	}
}

func pingsOf(t *testing.T, registry *prometheus.Registry, result string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == "monitor_deadman_pings_total" && metric.GetLabel()[0].GetValue() == result {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}
