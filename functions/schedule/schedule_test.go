package schedule_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/sqlitetest"
)

const slot = 10 * time.Second

// start is the first moment of a minute and of a slot.
const start = monitor.Instant(1_700_000_040_000)

// lab is a store and a broker that schedulers share.
type lab struct {
	store storage.Store

	mu     sync.Mutex
	now    monitor.Instant
	sent   []events.Event
	refuse func(events.Event) error // what the broker says; nil: it takes all
}

func newLab(t testing.TB, endpoints ...monitor.Endpoint) *lab {
	t.Helper()
	l := &lab{store: sqlitetest.Open(t), now: start}
	l.define(t, 0, endpoints...)
	return l
}

func (l *lab) define(t testing.TB, base int64, endpoints ...monitor.Endpoint) {
	t.Helper()
	if _, err := l.store.ChangeCatalog(t.Context(), base, monitor.CatalogChange{PutEndpoints: endpoints}); err != nil {
		t.Fatal(err)
	}
}

func plan() monitor.Plan { return monitor.Plan{Slot: slot, Batches: 16, Shards: 64} }

// scheduler returns a process that schedules over the lab's store.
func (l *lab) scheduler(change func(*schedule.Parts)) events.Handler {
	return l.process(change).Handler()
}

func (l *lab) process(change func(*schedule.Parts)) *schedule.Schedule {
	parts := schedule.Parts{
		Catalog: l.store, Claims: l.store, States: l.store, Plan: plan(), Locations: []string{"local"}, Clock: l.clock,
		Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&parts)
	}
	return schedule.New(parts)
}

// run returns a change that names the process run.
func run(name string) func(*schedule.Parts) {
	return func(parts *schedule.Parts) { parts.Run = name }
}

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.Time()
}

func (l *lab) at(now monitor.Instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = now
}

func (l *lab) emit(_ context.Context, out ...events.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range out {
		if l.refuse != nil {
			if err := l.refuse(event); err != nil {
				return err
			}
		}
		l.sent = append(l.sent, event)
	}
	return nil
}

// tick wakes the scheduler and returns what it emitted, by type.
func (l *lab) tick(t testing.TB, handle events.Handler) (due []*events.ProbeDue, ticks []*events.ShardTick) {
	t.Helper()
	due, ticks, err := l.try(t, handle)
	if err != nil {
		t.Fatal(err)
	}
	return due, ticks
}

func (l *lab) try(t testing.TB, handle events.Handler) (due []*events.ProbeDue, ticks []*events.ShardTick, err error) {
	t.Helper()
	l.mu.Lock()
	before := len(l.sent)
	l.mu.Unlock()
	err = handle(t.Context(), events.New(events.TypePing, events.Head{ID: "1", Source: "cron"}, &events.Ping{}), l.emit)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, event := range l.sent[before:] {
		switch event.Type() {
		case events.TypeProbeDue:
			data, err := events.Decode[events.ProbeDue](event)
			if err != nil {
				t.Fatal(err)
			}
			due = append(due, data)
		case events.TypeShardTick:
			data, err := events.Decode[events.ShardTick](event)
			if err != nil {
				t.Fatal(err)
			}
			ticks = append(ticks, data)
		default:
			t.Fatalf("got an event of type %s", event.Type())
		}
	}
	return due, ticks, err
}

// slots returns the slots that the events are of, each once.
func slots(due []*events.ProbeDue) []monitor.Instant {
	var out []monitor.Instant
	for _, d := range due {
		out = append(out, d.Slot)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checks returns how often each check is asked for.
func checks(due []*events.ProbeDue) map[monitor.CheckID]int {
	out := map[monitor.CheckID]int{}
	for _, d := range due {
		for _, e := range d.Endpoints {
			for i := range e.Due.Count {
				out[monitor.CheckID{Endpoint: e.Endpoint.Key(), Location: d.Location, Due: e.Due.At(i)}]++
			}
		}
	}
	return out
}

func endpoint(id string, interval time.Duration) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: "shop", ID: id, Name: id, Interval: monitor.Duration(interval), Timeout: monitor.Duration(5 * time.Second),
		HTTP: monitor.HTTP{URL: "http://shop.example", Method: "GET"},
	}
}

func endpoints(n int, interval time.Duration) []monitor.Endpoint {
	out := make([]monitor.Endpoint, n)
	for i := range out {
		out[i] = endpoint("e"+strconv.Itoa(i), interval)
	}
	return out
}

func unavailable(events.Event) error { return monitor.Errorf(monitor.Unavailable, "broker away") }

// claim returns the stored claim of the slot.
func (l *lab) claim(t testing.TB, slot monitor.Instant) monitor.Claim {
	t.Helper()
	claim, err := l.store.Claim(t.Context(), slot)
	if err != nil && !errors.Is(err, monitor.NotFound) {
		t.Fatal(err)
	}
	return claim
}
