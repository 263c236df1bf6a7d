package deliverytest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func testEmitWaits(t *testing.T, s *stage) {
	entered, release := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	host := s.handle("first", func(context.Context, events.Event, events.Emit) error {
		close(entered)
		<-release
		finished.Store(true)
		return nil
	})
	go func() {
		<-entered
		close(release)
	}()
	s.emit(host, event(typeOrdered, "1", "a"))
	if !finished.Load() {
		t.Error("emit returned before the handler did")
	}
}

func testEmitQueues(t *testing.T, s *stage) {
	release, finished := make(chan struct{}), make(chan struct{})
	host := s.handle("loose", func(context.Context, events.Event, events.Emit) error {
		<-release
		close(finished)
		return nil
	})
	s.emit(host, event(typeLoose, "1", "a"))
	close(release)
	s.wait(finished, "the handler's end")
}

func testEmitChain(t *testing.T, s *stage) {
	var last record
	s.setup.Functions["next"] = func(_ context.Context, in events.Event, _ events.Emit) error {
		last.note(in)
		return nil
	}
	host := s.handle("first", func(ctx context.Context, in events.Event, emit events.Emit) error {
		return emit(ctx, event(typeNext, in.ID()+"-next", in.Key()))
	})
	s.emit(host, event(typeOrdered, "1", "a"))
	if got := last.seen(); len(got) != 1 || got[0] != "1-next" {
		t.Errorf("events at the end of the chain: got %v, want [1-next]", got)
	}
}

func testEmitOn(t *testing.T, s *stage) {
	var last record
	s.setup.Functions["next"] = func(_ context.Context, in events.Event, _ events.Emit) error {
		last.note(in)
		return nil
	}
	host := s.handle("first", func(ctx context.Context, in events.Event, emit events.Emit) error {
		return emit(ctx, event(typeNext, in.ID()+"-next", in.Key()))
	})
	s.emit(host, event(typeOrdered, "1", "a"))
	last.await(s, 1)
	if got := last.seen(); len(got) != 1 || got[0] != "1-next" {
		t.Errorf("events at the end of the chain: got %v, want [1-next]", got)
	}
}

func testEmitNobody(t *testing.T, s *stage) {
	var behind record
	host := s.handle("first", failing(&behind, 0, nil))
	s.emit(host, event("monitor.test.nobody.v1", "1", "a"), event(typeOrdered, "2", "a"))
	behind.await(s, 1)
	if got := len(s.deadLetters()); got != 0 {
		t.Errorf("dead letters: got %d, want none", got)
	}
}

func testEmitLost(t *testing.T, s *stage) {
	s.setup.DeadLetter = func(context.Context, events.Event) error { return errors.New("disk full") }
	host := s.handle("first", func(context.Context, events.Event, events.Emit) error {
		return monitor.Errorf(monitor.Invalid, "no good")
	})
	wantCode(t, host.Emit(s.ctx, event(typeOrdered, "1", "a")), monitor.Unavailable)
}

func testEmitContext(t *testing.T, s *stage) {
	entered, release := make(chan struct{}, 1), make(chan struct{})
	host := s.handle("first", func(context.Context, events.Event, events.Emit) error {
		entered <- struct{}{}
		<-release
		return nil
	})
	defer close(release)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	go func() {
		<-entered
		cancel()
	}()
	wantCode(t, host.Emit(ctx, event(typeOrdered, "1", "a")), monitor.Unavailable)
}
