package probe_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// burst is a probe whose looks take no time, and an event of checks that are
// all due in one moment.
type burst struct {
	handle events.Handler
	due    events.ProbeDue
}

func newBurst(checks int, change func(*monitor.Endpoint)) *burst {
	b := &burst{handle: probe.New(probe.Parts{
		Look: func(context.Context, *look.Request) look.Answer {
			return look.Answer{Status: 200, Took: time.Millisecond}
		},
		Reveal: func(_, text string) (string, []string, error) { return text, nil, nil },
		Clock:  time.Now, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(), Concurrency: 1,
	}).Handler()}
	b.due.Location, b.due.Kind = "local", monitor.Scheduled
	for i := range checks {
		e := confirmed(strconv.Itoa(i), time.Hour, 2)
		change(&e)
		b.due.Endpoints = append(b.due.Endpoints, events.DueEndpoint{
			Endpoint: &e, Shard: i % 4, Due: monitor.Due{Every: e.Interval, Count: 1},
		})
	}
	return b
}

// run makes the checks, and returns how long they took.
func (b *burst) run(t testing.TB) time.Duration {
	b.due.Slot = monitor.At(time.Now()).Add(20 * time.Millisecond)
	b.due.Until = b.due.Slot.Add(slot)
	for i := range b.due.Endpoints {
		b.due.Endpoints[i].Due.First = b.due.Slot
	}
	event := events.New(events.TypeProbeDue, events.Head{ID: "1", Source: "schedule"}, &b.due)
	if err := b.handle(t.Context(), event, func(context.Context, ...events.Event) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return time.Since(b.due.Slot.Time())
}

// BenchmarkRound makes 10,000 checks: what it measures is what a check costs
// beside its look.
func BenchmarkRound(b *testing.B) {
	const checks = 10_000
	all := newBurst(checks, func(*monitor.Endpoint) {})
	var busy time.Duration
	b.ReportAllocs()
	for b.Loop() {
		busy += all.run(b)
	}
	b.ReportMetric(float64(busy.Nanoseconds())/float64(b.N*checks), "ns/check")
}

// TestSecondLooksCostNothing holds checks that are answered before the patrol
// comes by to allocating no more than those that no second look is made for.
func TestSecondLooksCostNothing(t *testing.T) {
	const checks = 1000
	cost := func(fixed bool) (each float64) {
		synctest.Test(t, func(t *testing.T) {
			all := newBurst(checks, func(e *monitor.Endpoint) { e.Adaptive.FixedTimeout = fixed })
			for range probe.PaceLearns {
				all.run(t)
			}
			each = testing.AllocsPerRun(10, func() { all.run(t) }) / checks
		})
		return each
	}
	if with, without := cost(false), cost(true); with > without+0.1 {
		t.Errorf("got %.2f allocations a check, want no more than %.2f", with, without)
	}
}
