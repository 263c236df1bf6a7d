package alert_test

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

// noon is when the tests begin.
var noon = monitor.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

const slot = 10 * time.Second

// bench is an alert on a store of its own, with one shard and a clock that
// stands where the last event put it.
type bench struct {
	testing.TB
	store storage.Store
	alert *alert.Alert
	sole  bool
	held  bool

	registry *prometheus.Registry // of the alert that was started last

	mu   sync.Mutex
	now  monitor.Instant
	told []monitor.IncidentChange
}

func newBench(t testing.TB, endpoints ...monitor.Endpoint) *bench {
	t.Helper()
	b := &bench{TB: t, store: sqlitetest.Open(t), now: noon}
	b.define(monitor.CatalogChange{PutEndpoints: endpoints})
	b.alert = b.start(b.store)
	return b
}

func (b *bench) start(store alert.Store) *alert.Alert {
	b.registry = prometheus.NewRegistry()
	return alert.New(alert.Parts{
		Store: store, Shards: 1, Slot: slot, Sole: b.sole, Held: b.held, Clock: b.clock,
		Log: slog.New(slog.DiscardHandler), Registry: b.registry,
	})
}

// counted returns the value of a counter without labels.
func (b *bench) counted(name string) float64 {
	b.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now.Time()
}

func (b *bench) advance(to monitor.Instant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = max(b.now, to)
}

// emit takes what is told, and keeps notices of it as notify would.
func (b *bench) emit(ctx context.Context, out ...events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range out {
		change, err := events.Decode[events.IncidentChanged](e)
		if err != nil {
			return err
		}
		if e.ID() != change.ID() || e.Key() != "0" {
			b.Errorf("got event %q with key %q, want %q and 0", e.ID(), e.Key(), change.ID())
		}
		if err := b.store.SaveNotices(ctx, change.Notices(b.now)); err != nil {
			return err
		}
		b.told = append(b.told, *change)
	}
	return nil
}

func (b *bench) define(change monitor.CatalogChange) {
	b.Helper()
	base, err := b.store.CatalogRevision(b.Context())
	if err == nil {
		_, err = b.store.ChangeCatalog(b.Context(), base, change)
	}
	if err != nil {
		b.Fatalf("change the catalog: %v", err)
	}
}

// handle gives an event to the bench's alert, and wants it acknowledged.
func (b *bench) handle(e events.Event) {
	b.Helper()
	b.advance(timeOf(e))
	if err := b.alert.Handler()(b.Context(), e, b.emit); err != nil {
		b.Fatalf("handle %s: %v", e.Type(), err)
	}
}

// feed hands over one result a second from the given second after noon on.
func (b *bench) feed(endpoint, letters string, second int) {
	b.Helper()
	b.handle(results(rows(endpoint, letters, second)...))
}

func (b *bench) tick(second int) {
	b.Helper()
	b.handle(tick(second))
}

func (b *bench) state() monitor.ShardState {
	b.Helper()
	state, err := b.store.ShardState(b.Context(), 0)
	if err != nil {
		b.Fatalf("load the state: %v", err)
	}
	return state
}

// steps returns what was told, in short, each change once.
func (b *bench) steps() []string {
	var steps []string
	seen := map[string]bool{}
	for _, change := range b.told {
		if !seen[change.ID()] {
			seen[change.ID()] = true
			steps = append(steps, string(change.Change)+" "+string(change.Transition.To))
		}
	}
	return steps
}

// cart is an endpoint that is down after two failures and up after two passes.
func cart() monitor.Endpoint { return endpoint("cart") }

func endpoint(id string) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: "shop", ID: id, Name: "The " + id, Interval: monitor.Duration(time.Second), Timeout: monitor.Duration(time.Second),
		HTTP:  monitor.HTTP{URL: "https://shop.example/" + id, Method: "GET"},
		Alert: monitor.Alert{After: 2, Recover: 2, Channels: []string{"oncall"}},
	}
}

// rows makes results a second apart: p passed, d degraded, f failed, u unknown,
// m failed by hand; a dot is a second without a result.
func rows(endpoint, letters string, second int) []monitor.Result {
	outcomes := map[rune]monitor.Outcome{'p': monitor.Passed, 'd': monitor.OutcomeDegraded, 'f': monitor.Failed, 'u': monitor.OutcomeUnknown, 'm': monitor.Failed}
	var out []monitor.Result
	for i, letter := range letters {
		if letter == '.' {
			continue
		}
		r := monitor.Result{
			Endpoint: endpoint, Location: "local", Due: at(second + i), Start: at(second + i), Kind: monitor.Scheduled,
			Outcome: outcomes[letter], Micros: 1000, Reason: "because of " + string(letter),
		}
		if letter == 'm' {
			r.Kind = monitor.Manual
		}
		out = append(out, r)
	}
	return out
}

func results(rows ...monitor.Result) events.Event {
	head := events.Head{ID: "results", Source: "probe", Key: "0"}
	return events.New(events.TypeProbeResults, head, &events.ProbeResults{Location: "local", Rows: rows})
}

func tick(second int) events.Event {
	head := events.Head{ID: "tick-" + strconv.Itoa(second), Source: "schedule", Key: "0"}
	return events.New(events.TypeShardTick, head, &events.ShardTick{Minute: at(second)})
}

func at(second int) monitor.Instant { return noon.Add(time.Duration(second) * time.Second) }

// timeOf returns when an event comes: with its last result, or at its tick.
func timeOf(e events.Event) (when monitor.Instant) {
	if e.Type() == events.TypeShardTick {
		tick, _ := events.Decode[events.ShardTick](e)
		return tick.Minute
	}
	results, _ := events.Decode[events.ProbeResults](e)
	for _, r := range results.Rows {
		when = max(when, r.Due)
	}
	return when
}
