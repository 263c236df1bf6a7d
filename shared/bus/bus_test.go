package bus_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func TestSubscribe(t *testing.T) {
	t.Parallel()

	t.Run("refuses a function that no Trigger names", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		if err := b.Subscribe("stroe", ok); !errors.Is(err, monitor.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
	})

	t.Run("refuses a second subscriber", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		subscribe(t, b, "store", ok)
		if err := b.Subscribe("store", ok); !errors.Is(err, monitor.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
	})

	t.Run("refuses an address that is no URL", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		for _, address := range []string{"", "127.0.0.1:80", "ftp://host/", "http://"} {
			if err := b.SubscribeURL("store", address); !errors.Is(err, monitor.Invalid) {
				t.Errorf("%q: got %v, want invalid", address, err)
			}
		}
	})

	t.Run("Run refuses a Trigger without subscriber", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		if err := b.Run(t.Context()); !errors.Is(err, monitor.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
	})

	t.Run("an event for a function that is not there yet is unavailable", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		if err := b.Emit(t.Context(), event("1", "a")); !errors.Is(err, monitor.Unavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	})
}

func TestTick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var ticks log
		b := bus.New(ticking(wired(trigger("schedule", false, events.TypePing)), 10*time.Second))
		subscribe(t, b, "schedule", events.On(func(_ context.Context, _ *events.Ping, _ events.Emit) error {
			ticks.add(time.Since(start).String())
			return nil
		}))
		stop := run(t, b)
		time.Sleep(25 * time.Second)
		if err := stop(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"0s", "10s", "20s"}, ticks.all()); diff != "" {
			t.Errorf("ticks (-want +got):\n%s", diff)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var tries log
		b := bus.New(wired(trigger("store", true, kindTest)))
		subscribe(t, b, "store", func(context.Context, events.Event, events.Emit) error {
			tries.add(time.Since(start).String())
			return monitor.Errorf(monitor.Unavailable, "busy")
		})
		if err := b.Emit(t.Context(), event("1", "a")); err != nil {
			t.Errorf("emit: got %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"0s", "2s", "6s", "14s"}, tries.all()); diff != "" {
			t.Errorf("times of the tries (-want +got):\n%s", diff)
		}
	})
}

func TestRetryBlocksOnlyItsKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var handled log
		b := bus.New(wired(trigger("store", true, kindTest)))
		subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
			if in.ID() == "slow" && time.Since(start) < 5*time.Second {
				return monitor.Errorf(monitor.Unavailable, "busy")
			}
			handled.add(in.ID() + " " + time.Since(start).String())
			return nil
		})
		if err := b.Emit(t.Context(), event("slow", "a"), event("behind", "a"), event("other", "b")); err != nil {
			t.Errorf("emit: got %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"other 0s", "slow 6s", "behind 6s"}, handled.all()); diff != "" {
			t.Errorf("handled (-want +got):\n%s", diff)
		}
	})
}

func TestManyKeys(t *testing.T) {
	t.Parallel()
	const count = 1000
	b := bus.New(wired(trigger("store", true, kindTest)))
	var handled log
	subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
		handled.add(in.Key())
		return nil
	})
	var out []events.Event
	for n := range count {
		out = append(out, event(strconv.Itoa(n), strconv.Itoa(n%200)))
	}
	if err := b.Emit(t.Context(), out...); err != nil {
		t.Fatalf("emit: %v", err)
	}
	if got := len(handled.all()); got != count {
		t.Errorf("events handled: got %d, want %d", got, count)
	}
}

// TestFullQueues holds that Emit can wait for room without two of them waiting
// for one another, though handlers emit events of the same keys themselves.
func TestFullQueues(t *testing.T) {
	t.Parallel()
	options := wired(trigger("alert", true, kindTest), trigger("notify", true, kindTest, "monitor.next.v1"))
	options.Queue = 1
	b := bus.New(options)
	subscribe(t, b, "alert", func(ctx context.Context, in events.Event, emit events.Emit) error {
		next := events.New("monitor.next.v1", events.Head{ID: in.ID(), Source: "alert", Key: in.Key()}, &struct{}{})
		return emit(ctx, next)
	})
	var told log
	subscribe(t, b, "notify", func(_ context.Context, in events.Event, _ events.Emit) error {
		told.add(in.ID())
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	failed := make(chan error, 100)
	for n := range cap(failed) {
		go func() { failed <- b.Emit(ctx, event(strconv.Itoa(n), strconv.Itoa(n%3))) }()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Fatalf("emit: %v", err)
		}
	}
	if got, want := len(told.all()), 2*cap(failed); got != want {
		t.Errorf("events told: got %d, want %d", got, want)
	}
}

func TestHops(t *testing.T) {
	t.Parallel()
	var letters log
	options := wired(trigger("store", false, kindTest))
	ended := make(chan struct{})
	options.DeadLetter = func(_ context.Context, e events.Event) error {
		code, _ := e.Extensions()["reason"].(string)
		letters.add(e.ID() + " " + code)
		close(ended)
		return nil
	}
	b := bus.New(options)
	subscribe(t, b, "store", func(ctx context.Context, in events.Event, emit events.Emit) error {
		n, _ := strconv.Atoi(in.ID())
		return emit(ctx, event(strconv.Itoa(n+1), ""))
	})
	if err := b.Emit(t.Context(), event("0", "")); err != nil {
		t.Fatalf("emit: %v", err)
	}
	<-ended
	if diff := cmp.Diff([]string{"16 invalid"}, letters.all()); diff != "" {
		t.Errorf("dead letters of events that go round (-want +got):\n%s", diff)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()

	t.Run("asks long work to stop and takes what it still reports", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("probe", false, kindTest), trigger("store", true, events.TypeProbeResults)))
		entered := make(chan struct{})
		subscribe(t, b, "probe", func(ctx context.Context, _ events.Event, emit events.Emit) error {
			close(entered)
			<-ctx.Done()
			last := events.New(events.TypeProbeResults, events.Head{ID: "last", Source: "probe", Key: "1"}, &events.ProbeResults{})
			if err := emit(context.WithoutCancel(ctx), last); err != nil {
				t.Errorf("emit while stopping: got %v, want nil", err)
			}
			return monitor.Errorf(monitor.Unavailable, "stopping")
		})
		var stored log
		subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
			stored.add(in.ID())
			return nil
		})
		stop := run(t, b)
		if err := b.Emit(t.Context(), event("1", "")); err != nil {
			t.Fatalf("emit: %v", err)
		}
		<-entered
		if err := stop(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		if !slices.Equal(stored.all(), []string{"last"}) {
			t.Errorf("stored: got %v, want [last]", stored.all())
		}
	})

	t.Run("gives up after the bound and says so", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			b := bus.New(wired(trigger("store", true, kindTest)))
			subscribe(t, b, "store", func(ctx context.Context, _ events.Event, _ events.Emit) error {
				<-ctx.Done()
				return ctx.Err()
			})
			stop := run(t, b)
			emitted := make(chan error, 1)
			go func() { emitted <- b.Emit(context.Background(), event("1", "a")) }()
			synctest.Wait()
			start := time.Now()
			if err := stop(); !errors.Is(err, monitor.Unavailable) {
				t.Errorf("stop: got %v, want unavailable", err)
			}
			if got := time.Since(start); got != 15*time.Second {
				t.Errorf("stop took %s, want 15s", got)
			}
			if err := <-emitted; !errors.Is(err, monitor.Unavailable) {
				t.Errorf("emit: got %v, want unavailable", err)
			}
		})
	})

	t.Run("waits for nothing when nothing is in hand", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired(trigger("store", true, kindTest)))
		subscribe(t, b, "store", ok)
		if err := run(t, b)(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
	})
}

func TestSink(t *testing.T) {
	t.Parallel()
	var letters log
	toSink := trigger("rejected", false, events.TypeRowRejected)
	toSink.Subscriber = topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
	options := wired(toSink)
	options.DeadLetter = func(_ context.Context, e events.Event) error {
		letters.add(e.ID())
		return nil
	}
	b := bus.New(options)
	stop := run(t, b)
	row := events.New(events.TypeRowRejected, events.Head{ID: "row", Source: "store", Key: "1"}, &events.RowRejected{})
	if err := b.Emit(t.Context(), row); err != nil {
		t.Fatalf("emit: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	if !slices.Equal(letters.all(), []string{"row"}) {
		t.Errorf("dead letters: got %v, want [row]", letters.all())
	}
}

func TestInvalidEvent(t *testing.T) {
	t.Parallel()
	b := bus.New(wired(trigger("store", true, kindTest)))
	subscribe(t, b, "store", ok)
	if err := b.Emit(t.Context(), event("", "a")); !errors.Is(err, monitor.Invalid) {
		t.Errorf("an event without ID: got %v, want invalid", err)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	options := wired(trigger("store", true, kindTest))
	options.Registry = registry
	options.Topology.Triggers[0].Delivery.Delay = time.Millisecond
	var seconds atomic.Int64
	options.Clock = func() time.Time { return time.Unix(seconds.Add(1), 0) }
	b := bus.New(options)
	entered, release := make(chan struct{}), make(chan struct{})
	subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
		if in.ID() == "bad" {
			return monitor.Errorf(monitor.Unavailable, "busy")
		}
		close(entered)
		<-release
		return nil
	})
	if err := b.Emit(t.Context(), event("bad", "a")); err != nil {
		t.Fatalf("emit: %v", err)
	}
	emitted := make(chan error, 1)
	go func() { emitted <- b.Emit(t.Context(), event("good", "a")) }()
	<-entered
	if got := metric(t, registry, "monitor_bus_queue_events", ""); got != 1 {
		t.Errorf("queue: got %v events, want 1", got)
	}
	if got := metric(t, registry, "monitor_bus_oldest_unacknowledged_seconds", ""); got < 1 {
		t.Errorf("oldest event: got %vs, want its age", got)
	}
	close(release)
	if err := <-emitted; err != nil {
		t.Fatalf("emit: %v", err)
	}
	want := map[string]float64{"handled": 1, "dead_letter": 1, "lost": 0, "unfinished": 0}
	for result, count := range want {
		if got := metric(t, registry, "monitor_bus_events_total", result); got != count {
			t.Errorf("events %s: got %v, want %v", result, got, count)
		}
	}
	if got := metric(t, registry, "monitor_bus_retries_total", ""); got != 3 {
		t.Errorf("retries: got %v, want 3", got)
	}
	if got := metric(t, registry, "monitor_bus_queue_events", ""); got != 0 {
		t.Errorf("queue at the end: got %v events, want 0", got)
	}
}

// metric returns the value of the only counter or gauge with the name, and,
// unless empty, the result.
func metric(t *testing.T, registry *prometheus.Registry, name, result string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			matches := result == ""
			for _, label := range m.GetLabel() {
				matches = matches || label.GetName() == "result" && label.GetValue() == result
			}
			if family.GetName() == name && matches {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("there is no metric %s{result=%q}", name, result)
	return 0
}
