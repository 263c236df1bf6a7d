package kafka_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// ticking returns a consumer that ticks every ten seconds and would try a second
// time after 2 s, and a third time after 4 s more.
func ticking(t testing.TB, registry *prometheus.Registry, drain time.Duration, handler events.Handler) *kafka.Consumer {
	t.Helper()
	wiring := topology.Topology{Triggers: []topology.Trigger{trigger("schedule", events.TypePing)}, Topic: "events"}
	wiring.Sinks = map[string]string{"dead-letters": "events.dlq"}
	wiring.Ticks = []topology.Tick{{Name: "tick", Source: "/test/tick", Schedule: schedule(t, "*/10 * * * * *")}}
	wiring.Triggers[0].Delivery.Delay, wiring.Triggers[0].Delivery.Retry = time.Second, 5
	return consumer(t, kafka.Options{Settings: plain("127.0.0.1:1"), Topology: wiring, Drain: drain, Registry: registry},
		map[string]events.Handler{"schedule": handler})
}

func schedule(t testing.TB, spec string) cron.Schedule {
	t.Helper()
	parsed, err := cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestTicks holds the calls of a function to the times at which they are wanted.
func TestTicks(t *testing.T) {
	t.Parallel()
	away := monitor.Errorf(monitor.Unavailable, "the store is away")
	for name, test := range map[string]struct {
		answer func(call int) error
		want   []string
		lost   float64
	}{
		"at the start and at each time": {
			answer: func(int) error { return nil },
			want:   []string{"0s", "10s", "20s"},
		},
		"one that failed is tried again": {
			answer: func(call int) error { return []error{away, nil, nil, nil}[call] },
			want:   []string{"0s", "2s", "10s", "20s"},
		},
		"tries that would reach the next tick are left out": {
			answer: func(int) error { return away },
			want:   []string{"0s", "2s", "6s", "10s", "12s", "16s", "20s", "22s"},
			lost:   2,
		},
		"what is invalid is not tried again": {
			answer: func(int) error { return monitor.Errorf(monitor.Invalid, "no") },
			want:   []string{"0s", "10s", "20s"},
			lost:   3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls log
				start, registry := time.Now(), prometheus.NewRegistry()
				c := ticking(t, registry, time.Minute, func(context.Context, events.Event, events.Emit) error {
					calls.add(time.Since(start).String())
					return test.answer(len(calls.all()) - 1)
				})
				ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
				defer cancel()
				if err := c.Tick(ctx); err != nil {
					t.Errorf("tick: got %v, want nil", err)
				}
				if diff := cmp.Diff(test.want, calls.all()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				if got := counted(t, registry, "monitor_kafka_ticks_lost_total"); got != test.lost {
					t.Errorf("lost ticks: got %v, want %v", got, test.lost)
				}
			})
		})
	}
}

// counted returns the sum of a counter's values.
func counted(t testing.TB, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == name {
				sum += metric.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// TestTickEnds stops while a tick is in hand.
func TestTickEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lasts, drain time.Duration
		deaf         bool // the handler does not mind its context
		want         error
		after        time.Duration
	}{
		"it is finished":              {lasts: 5 * time.Second, drain: 15 * time.Second, after: 5 * time.Second},
		"it is asked to stop":         {lasts: time.Hour, drain: 15 * time.Second, after: 16 * time.Second},
		"it is given up if it is not": {lasts: time.Hour, drain: 15 * time.Second, deaf: true, want: monitor.Unavailable, after: 17 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, registry, left := time.Now(), prometheus.NewRegistry(), make(chan struct{})
				c := ticking(t, registry, test.drain, func(ctx context.Context, _ events.Event, _ events.Emit) error {
					defer close(left)
					ends := ctx.Done()
					if test.deaf {
						ends = nil
					}
					select {
					case <-time.After(test.lasts):
						return nil
					case <-ends:
						return ctx.Err()
					}
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := c.Tick(ctx)
				if !errors.Is(err, test.want) {
					t.Errorf("tick: got %v, want %v", err, test.want)
				}
				if got := time.Since(start); got != test.after {
					t.Errorf("it ended after %s, want %s", got, test.after)
				}
				if got := counted(t, registry, "monitor_kafka_ticks_lost_total"); got != 0 {
					t.Errorf("lost ticks: got %v, want none: the process ends", got)
				}
				<-left
			})
		})
	}
}
