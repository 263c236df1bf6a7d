package deliverytest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func testOrder(t *testing.T, s *stage) {
	var first, second record
	var inFlight, tooMany atomic.Int32
	watch := func(r *record, alone bool) events.Handler {
		return func(_ context.Context, in events.Event, _ events.Emit) error {
			if alone && inFlight.Add(1) > 1 {
				tooMany.Add(1)
			}
			r.note(in)
			if alone {
				inFlight.Add(-1)
			}
			return nil
		}
	}
	s.setup.Functions["second"] = watch(&second, false)
	host := s.handle("first", watch(&first, true))
	var emitting sync.WaitGroup
	for emitter := range 8 {
		emitting.Go(func() {
			for n := range 25 {
				if err := host.Emit(s.ctx, event(typeOrdered, fmt.Sprintf("%d-%02d", emitter, n), "a")); err != nil {
					t.Errorf("emit: %v", err)
				}
			}
		})
	}
	emitting.Wait()
	first.await(s, 200)
	second.await(s, 200)
	if diff := cmp.Diff(first.seen(), second.seen()); diff != "" || len(first.seen()) != 200 {
		t.Errorf("two Triggers saw different orders, %d events (-first +second):\n%s", len(first.seen()), diff)
	}
	if got := tooMany.Load(); got > 0 {
		t.Errorf("events of one key handled side by side: got %d, want 0", got)
	}
	for emitter := range 8 {
		mine := slices.DeleteFunc(slices.Clone(first.seen()), func(id string) bool { return id[0] != byte('0'+emitter) })
		if !slices.IsSorted(mine) {
			t.Errorf("emitter %d: its events came as %v", emitter, mine)
		}
	}
}

func testKeysParallel(t *testing.T, s *stage) {
	other, both := make(chan struct{}), make(chan struct{})
	host := s.handle("first", func(ctx context.Context, in events.Event, _ events.Emit) error {
		if in.Key() == "b" {
			close(other)
			return nil
		}
		select {
		case <-other:
			close(both)
			return nil
		case <-ctx.Done():
			return monitor.Errorf(monitor.Invalid, "the other key waits")
		}
	})
	s.emit(host, event(typeOrdered, "1", "a"), event(typeOrdered, "2", "b"))
	s.wait(both, "the end of both events")
	if got := len(s.deadLetters()); got != 0 {
		t.Errorf("dead letters: got %d, want none", got)
	}
}

// testInFlight holds every event until 50 are in flight, and counts more.
func testInFlight(t *testing.T, s *stage) {
	const most, all = 50, 120
	var now, peak atomic.Int32
	entered, done, release := make(chan struct{}, all), make(chan struct{}, all), make(chan struct{})
	host := s.handle("loose", func(context.Context, events.Event, events.Emit) error {
		n := now.Add(1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); {
			old = peak.Load()
		}
		entered <- struct{}{}
		<-release
		now.Add(-1)
		done <- struct{}{}
		return nil
	})
	for n := range all {
		s.emit(host, event(typeLoose, strconv.Itoa(n), "a"))
	}
	for range most {
		s.wait(entered, "the start of 50 events")
	}
	close(release)
	for range all {
		s.wait(done, "the end of every event")
	}
	if got := peak.Load(); got > most {
		t.Errorf("events in flight: got %d, want at most %d", got, most)
	}
}

func testPoison(t *testing.T, s *stage) {
	var good record
	host := s.handle("first", events.On(func(_ context.Context, data *payload, _ events.Emit) error {
		good.note(event(typeOrdered, data.Text, ""))
		return nil
	}))
	poison := event(typeOrdered, "poison", "a")
	poison = events.FromWire(poison.Event)
	poison.DataEncoded = []byte(`{"text": 7`)
	s.emit(host, poison, event(typeOrdered, "good", "a"))
	good.await(s, 1)
	if got := good.seen(); len(got) != 1 || got[0] != "good" {
		t.Errorf("events handled: got %v, want [good]", got)
	}
	if got := s.letter(); got.ID() != "poison" {
		t.Errorf("dead letter: got %s, want poison", got.ID())
	}
}
