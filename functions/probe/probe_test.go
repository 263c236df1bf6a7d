package probe_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// lab is a probe whose looks and whose broker are functions of the test.
type lab struct {
	handle   events.Handler
	registry *prometheus.Registry
	look     probe.Look
	reveal   probe.Reveal
	lost     func(endpoint, location string) // tells the probe
	refuse   func(events.Event) error        // what the broker says; nil: it takes all
	wrong    atomic.Int64                    // how far the probe's clock is ahead, in nanoseconds

	mu   sync.Mutex
	sent []sent
}

// sent is one event that the broker took.
type sent struct {
	at   monitor.Instant
	id   string
	key  string
	data *events.ProbeResults
}

func newLab(look probe.Look) *lab {
	l := &lab{look: look, registry: prometheus.NewRegistry()}
	l.reveal = func(_, text string) (string, []string, error) { return text, nil, nil }
	l.start(1000)
	return l
}

func (l *lab) start(concurrency int) { l.startFor(concurrency, 0) }

// startFor starts the probe anew, with so many looks at one host at once.
func (l *lab) startFor(concurrency, perHost int) {
	l.registry = prometheus.NewRegistry()
	l.handle = probe.New(probe.Parts{
		OnLost: func(told func(endpoint, location string)) { l.lost = told },
		Look:   func(ctx context.Context, r *look.Request) look.Answer { return l.look(ctx, r) },
		Reveal: func(namespace, text string) (string, []string, error) { return l.reveal(namespace, text) },
		Clock:  func() time.Time { return time.Now().Add(time.Duration(l.wrong.Load())) },
		Log:    slog.New(slog.DiscardHandler), Registry: l.registry, Concurrency: concurrency, PerHost: perHost,
	}).Handler()
}

func (l *lab) emit(_ context.Context, out ...events.Event) error {
	for _, event := range out {
		if l.refuse != nil {
			if err := l.refuse(event); err != nil {
				return err
			}
		}
		data, err := events.Decode[events.ProbeResults](event)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.sent = append(l.sent, sent{at: monitor.At(time.Now()), id: event.ID(), key: event.Key(), data: data})
		l.mu.Unlock()
	}
	return nil
}

// run handles the event and returns what the handler said.
func (l *lab) run(ctx context.Context, due events.ProbeDue) error {
	return l.handle(ctx, events.New(events.TypeProbeDue, events.Head{ID: due.SlotID(), Source: "schedule"}, &due), l.emit)
}

// runTwoSlots handles this slot's event and the next one's side by side. It
// returns how many due times of the endpoint there were in them.
func (l *lab) runTwoSlots(e *monitor.Endpoint) (planned int, err error) {
	results := make(chan error, 2)
	for n := range 2 {
		due := slotOf(time.Duration(n) * slot)
		due.Endpoints = []events.DueEndpoint{{Endpoint: e, Due: monitor.DueIn(e.Key(), e.Interval.D(), due.Slot, due.Until)}}
		planned += due.Endpoints[0].Due.Count
		go func() { results <- l.run(context.Background(), due) }()
	}
	return planned, errors.Join(<-results, <-results)
}

// rows returns all results that were sent, in order.
func (l *lab) rows() []monitor.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	var rows []monitor.Result
	for _, s := range l.sent {
		rows = append(rows, s.data.Rows...)
	}
	return rows
}

// letters returns one letter for each result of the endpoint, in due order:
// p passed, d degraded, f failed, o overrun, s skipped, u otherwise unknown.
func (l *lab) letters(key string) string {
	rows := slices.DeleteFunc(l.rows(), func(r monitor.Result) bool { return r.Endpoint != key })
	slices.SortStableFunc(rows, func(a, b monitor.Result) int { return int(a.Due - b.Due) })
	out := ""
	for _, r := range rows {
		switch r.Fault {
		case monitor.FaultOverrun:
			out += "o"
		case monitor.FaultSkipped:
			out += "s"
		default:
			out += string(r.Outcome[0])
		}
	}
	return out
}

// counted returns the sum of a counter or gauge over its labels.
func (l *lab) counted(t *testing.T, name string) float64 {
	t.Helper()
	families, err := l.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return sum
}

// answer is a look that takes so long and gets the status.
func answer(took time.Duration, status int) probe.Look {
	return func(ctx context.Context, _ *look.Request) look.Answer {
		select {
		case <-time.After(took):
		case <-ctx.Done():
		}
		return look.Answer{Status: status, Took: took}
	}
}

func endpoint(id string, interval time.Duration) monitor.Endpoint {
	return monitor.Endpoint{
		Namespace: "shop", ID: id, Revision: 1, Interval: monitor.Duration(interval), Timeout: monitor.Duration(time.Second),
		HTTP: monitor.HTTP{URL: "http://shop.example", Method: "GET"}, Alert: monitor.Alert{After: 2, Recover: 2},
	}
}

const slot = 10 * time.Second

// slotOf returns an event for one slot that begins after so long from now,
// with all due times of the endpoints; each endpoint is of shard 0.
func slotOf(after time.Duration, endpoints ...monitor.Endpoint) events.ProbeDue {
	from := monitor.At(time.Now()).Add(after)
	due := events.ProbeDue{Slot: from, Until: from.Add(slot), Location: "local", Kind: monitor.Scheduled}
	for _, e := range endpoints {
		count := int(slot / e.Interval.D())
		due.Endpoints = append(due.Endpoints, events.DueEndpoint{
			Endpoint: &e, Due: monitor.Due{First: from, Every: e.Interval, Count: max(count, 1)},
		})
	}
	return due
}

// bubble runs the test with time that stands still while anybody works.
func bubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}
