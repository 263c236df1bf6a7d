package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// noon is when the tests begin.
var noon = monitor.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

// bench is a store function on records of its own, with one shard.
type bench struct {
	testing.TB
	records  storage.Store
	store    *store.Store
	after    time.Duration // Parts.FoldAfter of what is started
	slot     time.Duration // Parts.Slot of it
	registry *prometheus.Registry
	log      bytes.Buffer

	mu       sync.Mutex
	now      monitor.Instant
	rejected []events.Event
}

func newBench(t testing.TB) *bench {
	t.Helper()
	return newBenchAt(t, onSQLite)
}

func newBenchAt(t testing.TB, at place) *bench {
	t.Helper()
	b := &bench{TB: t, now: noon, registry: prometheus.NewRegistry()}
	b.records = at(b)
	b.store = b.start(b.records, 1)
	return b
}

func (b *bench) start(records store.Records, shards int) *store.Store {
	b.registry = prometheus.NewRegistry()
	return store.New(store.Parts{
		Records: records, Shards: shards, FoldAfter: b.after, Slot: b.slot, Clock: b.clock,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)), Registry: b.registry,
	})
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

func (b *bench) emit(_ context.Context, out ...events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rejected = append(b.rejected, out...)
	return nil
}

// arrive hands over results, and wants them acknowledged.
func (b *bench) arrive(rows ...monitor.Result) {
	b.Helper()
	for i := range rows {
		b.advance(rows[i].Due)
	}
	if err := b.store.Handler()(b.Context(), results(rows...), b.emit); err != nil {
		b.Fatalf("store results: %v", err)
	}
}

func (b *bench) fold() {
	b.Helper()
	if err := b.store.Fold(b.Context(), 0); err != nil {
		b.Fatalf("fold: %v", err)
	}
}

// decided moves alert's mark.
func (b *bench) decided(at monitor.Instant) {
	b.Helper()
	state, err := b.records.ShardState(b.Context(), 0)
	if err == nil {
		state.Decided = at
		_, err = b.records.SaveShardState(b.Context(), state)
	}
	if err != nil {
		b.Fatalf("move the mark: %v", err)
	}
}

func (b *bench) tail() []storage.TailRow {
	b.Helper()
	rows, err := patiently(func() ([]storage.TailRow, error) { return b.records.TailRows(b.Context(), 0, 0, 10_000) })
	if err != nil {
		b.Fatalf("load the tail: %v", err)
	}
	return rows
}

// metric returns the value of a counter or gauge without labels.
func (b *bench) metric(name string) float64 {
	b.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		b.Fatalf("gather the metrics: %v", err)
	}
	for _, family := range families {
		if one := family.GetMetric()[0]; family.GetName() == name {
			return one.GetCounter().GetValue() + one.GetGauge().GetValue()
		}
	}
	b.Fatalf("got no metric %s", name)
	return 0
}

// patiently reads again what a machine that stood still had no time for.
func patiently[T any](read func() (T, error)) (found T, err error) {
	for range 10 {
		if found, err = read(); !errors.Is(err, monitor.Unavailable) {
			break
		}
	}
	return found, err
}

// folded returns the folded results of shop/cart.
func (b *bench) folded() []monitor.Result {
	b.Helper()
	rows, err := patiently(func() ([]monitor.Result, error) {
		return b.records.Results(b.Context(), "shop/cart", "local", noon, noon.Add(200*time.Hour))
	})
	if err != nil {
		b.Fatalf("load the results: %v", err)
	}
	return rows
}

// cells returns all cells of shop/cart of a tier.
func (b *bench) cells(tier monitor.Tier) []monitor.Cell {
	b.Helper()
	cells, err := patiently(func() ([]monitor.Cell, error) {
		return b.records.Cells(b.Context(), storage.Series{Tier: tier, Endpoint: "shop/cart", Location: "local"}, noon.Floor(24*time.Hour), noon.Add(200*time.Hour))
	})
	if err != nil {
		b.Fatalf("load the cells: %v", err)
	}
	return cells
}

func at(second int) monitor.Instant { return noon.Add(time.Duration(second) * time.Second) }

// rows makes results a second apart: p passed, d degraded, f failed, u unknown,
// m by hand.
func rows(letters string, second int) []monitor.Result {
	outcomes := map[rune]monitor.Outcome{'p': monitor.Passed, 'd': monitor.OutcomeDegraded, 'f': monitor.Failed, 'u': monitor.OutcomeUnknown, 'm': monitor.Passed}
	var out []monitor.Result
	for i, letter := range letters {
		r := monitor.Result{
			Endpoint: "shop/cart", Location: "local", Due: at(second + i), Start: at(second + i), Kind: monitor.Scheduled,
			Outcome: outcomes[letter], Micros: int64(1000 + 10*i),
		}
		if letter == 'm' {
			r.Kind = monitor.Manual
		}
		out = append(out, r)
	}
	return out
}

func results(rows ...monitor.Result) events.Event {
	return events.New(events.TypeProbeResults, events.Head{ID: "results", Source: "probe", Key: "0"},
		&events.ProbeResults{Location: "local", Rows: rows})
}

// received is an event as it comes over the wire.
func received(t testing.TB, data string) events.Event {
	t.Helper()
	e, err := results().Wire()
	if err != nil {
		t.Fatal(err)
	}
	e.DataEncoded = []byte(data)
	return events.FromWire(e)
}
