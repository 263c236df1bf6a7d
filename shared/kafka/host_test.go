package kafka_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/robfig/cron/v3"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// trigger is an ordered Trigger of a test, by the name of its function.
func trigger(function, kind string) topology.Trigger {
	t := wired(true).Triggers[0]
	t.Name, t.Subscriber.Name, t.Filter = function, function, topology.ByType(kind)
	return t
}

func hosting(t testing.TB, options kafka.Options, functions map[string]events.Handler) *kafka.Host {
	t.Helper()
	h, err := kafka.New(options)
	if err != nil {
		t.Fatalf("host: %v", err)
	}
	for name, handler := range functions {
		if err := h.Subscribe(name, handler); err != nil {
			t.Fatalf("subscribe: %v", err)
		}
	}
	t.Cleanup(func() { _ = h.Close(bounded(t)) })
	return h
}

// bounded returns a context that ends when a test's patience does.
func bounded(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func TestHostRefuses(t *testing.T) {
	t.Parallel()
	wiring := wired(true)
	wiring.Topic, wiring.Sinks = "events", map[string]string{"dead-letters": "events.dlq"}
	options := kafka.Options{Settings: plain("127.0.0.1:1"), Topology: wiring}
	for name, change := range map[string]func(o *kafka.Options){
		"settings that cannot be": func(o *kafka.Options) { o.Settings.Brokers = nil },
		"a Broker without topic":  func(o *kafka.Options) { o.Topology.Topic = "" },
	} {
		faulty := options
		change(&faulty)
		if _, err := kafka.New(faulty); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	h := hosting(t, options, map[string]events.Handler{"store": accept})
	for name, function := range map[string]string{"a second handler": "store", "a function that no Trigger names": "stroe"} {
		if err := h.Subscribe(function, accept); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

// TestHostEnds stops a host that has an event in hand. The event is finished,
// with what it emits; the work beside the handlers emits until the host is closed.
// Of all events none is lost, and none comes twice.
func TestHostEnds(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	options := kafka.Options{Settings: settings, Topology: wiring, Drain: patience}
	var handled log
	entered, release := make(chan struct{}), make(chan struct{})
	store := map[string]events.Handler{"store": func(ctx context.Context, in events.Event, emit events.Emit) error {
		if in.ID() == "1" {
			entered <- struct{}{}
			<-release
			if err := emit(ctx, event("2", "a")); err != nil {
				return err
			}
		}
		handled.add(in.ID())
		return nil
	}}
	h := hosting(t, options, store)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	if err := h.Emit(bounded(t), event("1", "a")); err != nil {
		t.Fatalf("emit: %v", err)
	}
	receive(t, "the first event", entered)
	stop()
	close(release)
	if err := receive(t, "the end", ended); err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if err := h.Emit(bounded(t), event("3", "a")); err != nil {
		t.Errorf("emit of work beside the handlers: got %v, want nil", err)
	}
	if err := h.Close(bounded(t)); err != nil {
		t.Errorf("close: got %v, want nil", err)
	}
	if err := h.Emit(bounded(t), event("4", "a")); monitor.CodeOf(err) != monitor.Unavailable {
		t.Errorf("emit after the end: got %v, want unavailable", err)
	}
	hosted(t, hosting(t, options, store))
	until(t, "the next host has the rest", patience, func() bool { return len(handled.all()) >= 3 })
	if diff := cmp.Diff([]string{"1", "2", "3"}, handled.all()); diff != "" {
		t.Errorf("events of both hosts (-want +got):\n%s", diff)
	}
}

// hosted runs the host until the test's end.
func hosted(t testing.TB, h *kafka.Host) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	})
}

// TestHostReady has a topic that is made while the host waits for it.
func TestHostReady(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := topology.Topology{
		Broker: "test", Topic: "late", Sinks: map[string]string{"dead-letters": "late.dlq"},
		Triggers: []topology.Trigger{trigger("alert", kindTest)},
	}
	options := kafka.Options{Settings: settings, Topology: wiring}
	emits := hosting(t, options, map[string]events.Handler{"alert": accept})
	web := hosting(t, options, nil)
	for name, h := range map[string]*kafka.Host{"of a function that emits": emits, "without a function": web} {
		if err := h.Ready(bounded(t)); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("a host %s, without a topic: got %v, want unavailable", name, err)
		}
	}
	if err := kafka.CreateTopics(t.Context(), settings, kafka.OnOneBroker(kafka.Topics(wiring))); err != nil {
		t.Fatal(err)
	}
	hosted(t, emits)
	for name, h := range map[string]*kafka.Host{"of a function that emits": emits, "without a function": web} {
		until(t, "a host "+name+" is ready", patience, func() bool { return h.Ready(bounded(t)) == nil })
	}
}

// TestHostIdle runs a host without any function until it is told to stop.
func TestHostIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wiring := wired(true)
		wiring.Topic, wiring.Sinks = "events", map[string]string{"dead-letters": "events.dlq"}
		h := hosting(t, kafka.Options{Settings: plain("127.0.0.1:1"), Topology: wiring}, nil)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("it ended by itself with %v", err)
		default:
		}
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: got %v, want nil", err)
		}
	})
}

// TestHostRejected has the function that rejects rows: its host copies them to
// where people look.
func TestHostRejected(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	rejected := trigger("rejected", events.TypeRowRejected)
	rejected.Subscriber = topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
	wiring := own(t, settings, topology.Topology{Triggers: []topology.Trigger{trigger("store", kindTest), rejected}})
	h := hosting(t, kafka.Options{Settings: settings, Topology: wiring}, map[string]events.Handler{
		"store": func(ctx context.Context, in events.Event, emit events.Emit) error {
			row := events.New(events.TypeRowRejected, events.Head{ID: "row", Source: "store", Key: in.Key()}, &events.Ping{})
			return emit(ctx, row)
		},
	})
	hosted(t, h)
	arrived := make(chan string, 1)
	read(t, settings, wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) { arrived <- decoded(t, record).ID() })
	if err := h.Emit(bounded(t), event("1", "a")); err != nil {
		t.Fatalf("emit: %v", err)
	}
	if got := receive(t, "the rejected row", arrived); got != "row" {
		t.Errorf("got %s among the dead letters, want row", got)
	}
}

// TestHostTicks has a PingSource whose next time is far away: the function is
// woken at the start, by the host itself and by what others put into the topic.
func TestHostTicks(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := topology.Topology{Triggers: []topology.Trigger{trigger("schedule", events.TypePing)}}
	wiring.Triggers[0].Ordered = false
	wiring = own(t, settings, wiring)
	wiring.Ticks = []topology.Tick{{Name: "tick", Source: "/test/tick", Schedule: cron.Every(time.Hour)}}
	woken := make(chan string, 1)
	h := hosting(t, kafka.Options{Settings: settings, Topology: wiring}, map[string]events.Handler{
		"schedule": func(_ context.Context, in events.Event, _ events.Emit) error {
			woken <- in.Source()
			return nil
		},
	})
	hosted(t, h)
	if got := receive(t, "the first tick", woken); got != "/test/tick" {
		t.Errorf("first tick: got one of %s, want /test/tick", got)
	}
	ping := events.New(events.TypePing, events.Head{ID: "1", Source: "query"}, &events.Ping{})
	if err := h.Emit(bounded(t), ping); err != nil {
		t.Fatalf("emit: %v", err)
	}
	if got := receive(t, "the other one's tick", woken); got != "/functions/query" {
		t.Errorf("second tick: got one of %s, want /functions/query", got)
	}
}

// TestHostMetrics has all that a host is made of in one registry.
func TestHostMetrics(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	registry := prometheus.NewRegistry()
	wiring := own(t, settings, wired(true))
	h := hosting(t, kafka.Options{Settings: settings, Topology: wiring, Registry: registry}, map[string]events.Handler{"store": accept})
	hosted(t, h)
	if err := h.Emit(t.Context(), event("1", "1")); err != nil {
		t.Fatal(err)
	}
	shows(t, registry, "monitor_kafka_records_total", map[string]float64{"acknowledged": 1, "failed": 0})
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
}
