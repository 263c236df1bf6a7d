package kafka_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestStopCommits stops a consumer that has handled all it got: the next one of
// its group goes on behind that.
func TestStopCommits(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	life := func(ids ...string) []string {
		t.Helper()
		var handled log
		stop := run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
			map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
				handled.add(in.ID())
				return nil
			}}))
		for _, id := range ids {
			emit(t, out, event(id, "a"))
		}
		until(t, "all is handled", patience, func() bool { return len(handled.all()) >= len(ids) })
		if err := stop(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		return handled.all()
	}
	life("1", "2", "3")
	if diff := cmp.Diff([]string{"4"}, life("4")); diff != "" {
		t.Errorf("events of the second life (-want +got):\n%s", diff)
	}
}

// TestUnorderedCommits stops a consumer in whose hands the second of four events
// is not finished, while those behind it are.
func TestUnorderedCommits(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(false))
	out := sender(t, settings, wiring.Topic)
	options := kafka.Options{Settings: settings, Topology: wiring, Sender: out}
	var first, second log
	stop := run(t, consumer(t, options, map[string]events.Handler{"store": func(ctx context.Context, in events.Event, _ events.Emit) error {
		if in.ID() == "2" {
			<-ctx.Done() // work that lasts is asked to stop
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the rest is for another one")
		}
		first.add(in.ID())
		return nil
	}}))
	for _, id := range []string{"1", "2", "3", "4"} {
		emit(t, out, event(id, "a"))
	}
	until(t, "all others are handled", patience, func() bool { return len(first.all()) == 3 })
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	run(t, consumer(t, options, map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
		second.add(in.ID())
		return nil
	}}))
	emit(t, out, event("5", "a"))
	until(t, "the rest is handled", patience, func() bool { return len(second.all()) >= 4 })
	got := map[string]bool{}
	for _, id := range second.all() {
		got[id] = true
	}
	if diff := cmp.Diff(map[string]bool{"2": true, "3": true, "4": true, "5": true}, got); diff != "" {
		t.Errorf("events of the second life (-want +got):\n%s", diff)
	}
}

// TestStopGivesUp has a handler that does not end when it is asked to: its event
// comes again to the next member of the group.
func TestStopGivesUp(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	entered, release := make(chan struct{}, 1), make(chan struct{})
	defer close(release)
	options := kafka.Options{Settings: settings, Topology: wiring, Sender: out, Drain: 1}
	stop := run(t, consumer(t, options, map[string]events.Handler{"store": func(context.Context, events.Event, events.Emit) error {
		entered <- struct{}{}
		<-release
		return nil
	}}))
	emit(t, out, event("1", "a"))
	receive(t, "the first event", entered)
	if err := stop(); monitor.CodeOf(err) != monitor.Unavailable {
		t.Errorf("stop: got %v, want unavailable", err)
	}
	again := make(chan string, 1)
	run(t, consumer(t, options, map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
		again <- in.ID()
		return nil
	}}))
	emit(t, out, event("2", "a"))
	if got := receive(t, "an event of the second life", again); got != "1" {
		t.Errorf("first event of the second life: got %s, want 1", got)
	}
}

// TestStopForgets has a handler that was too slow for another member's joining,
// and ended later: at the end nothing is left.
func TestStopForgets(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	entered, release := make(chan struct{}, 100), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free)
	options := kafka.Options{Settings: settings, Topology: wiring, Sender: out, Drain: 1}
	var working atomic.Int64
	handler := func(context.Context, events.Event, events.Emit) error {
		working.Add(1)
		defer working.Add(-1)
		entered <- struct{}{}
		<-release
		return nil
	}
	slow := consumer(t, options, map[string]events.Handler{"store": handler})
	stop := run(t, slow)
	emit(t, out, event("1", "a"))
	receive(t, "the event", entered)
	before := kafka.Sessions(slow, "store")
	run(t, consumer(t, options, map[string]events.Handler{"store": accept}))
	until(t, "the partitions are given out anew", patience, func() bool { return kafka.Sessions(slow, "store") > before })
	free()
	until(t, "the handler has ended", patience, func() bool { return working.Load() == 0 })
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
}
