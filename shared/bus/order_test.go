package bus_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// TestOneOrder has a clock that lets other goroutines in between the queues of
// one event, where emitters could overtake one another.
func TestOneOrder(t *testing.T) {
	t.Parallel()
	options := wired(trigger("store", true, kindTest), trigger("alert", true, kindTest))
	options.Clock = func() time.Time {
		for range 20 {
			runtime.Gosched()
		}
		return time.Now()
	}
	b := bus.New(options)
	var store, alert log
	for name, lines := range map[string]*log{"store": &store, "alert": &alert} {
		subscribe(t, b, name, func(_ context.Context, in events.Event, _ events.Emit) error {
			lines.add(in.ID())
			return nil
		})
	}
	var emitting sync.WaitGroup
	for emitter := range 16 {
		emitting.Go(func() {
			for n := range 50 {
				if err := b.Emit(t.Context(), event(fmt.Sprintf("%d-%d", emitter, n), "a")); err != nil {
					t.Errorf("emit: %v", err)
				}
			}
		})
	}
	emitting.Wait()
	if diff := cmp.Diff(store.all(), alert.all()); diff != "" {
		t.Errorf("two Triggers saw the events of a key in different orders (-store +alert):\n%s", diff)
	}
}

func TestInFlight(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ordered bool
		want    int32
	}{
		"50 on an unordered Trigger":    {false, 50},
		"64 keys on an ordered Trigger": {true, 64},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := bus.New(wired(trigger("probe", test.ordered, kindTest)))
				var entered atomic.Int32
				release := make(chan struct{})
				subscribe(t, b, "probe", func(context.Context, events.Event, events.Emit) error {
					entered.Add(1)
					<-release
					return nil
				})
				var out []events.Event
				for n := range 200 {
					out = append(out, event(fmt.Sprint(n), fmt.Sprint(n)))
				}
				emitted := make(chan error, 1)
				go func() { emitted <- b.Emit(context.Background(), out...) }()
				synctest.Wait()
				if got := entered.Load(); got != test.want {
					t.Errorf("events in flight: got %d, want %d", got, test.want)
				}
				close(release)
				if err := <-emitted; err != nil {
					t.Errorf("emit: got %v, want nil", err)
				}
				synctest.Wait()
				if got := entered.Load(); got != 200 {
					t.Errorf("events handled: got %d, want 200", got)
				}
			})
		})
	}
}

func TestStopRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bus.New(wired(trigger("store", true, kindTest)))
		release := make(chan struct{})
		var handled log
		subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
			<-release
			handled.add(in.ID())
			return nil
		})
		stop := run(t, b)
		emitted, stopped := make(chan error, 1), make(chan error, 1)
		go func() { emitted <- b.Emit(context.Background(), event("in hand", "a")) }()
		synctest.Wait()
		go func() { stopped <- stop() }()
		synctest.Wait()
		late := make(chan error, 1)
		go func() { late <- b.Emit(context.Background(), event("late", "b")) }()
		synctest.Wait()
		close(release)
		if err := <-late; !errors.Is(err, monitor.Unavailable) {
			t.Errorf("emit after the end has begun: got %v, want unavailable", err)
		}
		if err := <-emitted; err != nil {
			t.Errorf("emit before: got %v, want nil", err)
		}
		if err := <-stopped; err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"in hand"}, handled.all()); diff != "" {
			t.Errorf("handled (-want +got):\n%s", diff)
		}
	})
}

// TestStopKeepsDeadLetters holds that what goes straight to the dead letters is
// not dropped at the end, though it comes unordered.
func TestStopKeepsDeadLetters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		toSink := trigger("rejected", false, kindTest)
		toSink.Subscriber = topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
		options := wired(toSink)
		var tries atomic.Int32
		options.DeadLetter = func(context.Context, events.Event) error {
			if tries.Add(1) == 1 {
				return errors.New("disk full")
			}
			return nil
		}
		b := bus.New(options)
		stop := run(t, b)
		if err := b.Emit(context.Background(), event("1", "")); err != nil {
			t.Fatalf("emit: %v", err)
		}
		synctest.Wait()
		if err := stop(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		if got := tries.Load(); got != 2 {
			t.Errorf("tries to keep the dead letter: got %d, want 2", got)
		}
	})
}
