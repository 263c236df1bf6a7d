package deliverytest

import (
	"context"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// held makes the first function hold the event "hold" until release is closed,
// while the second one says what it got.
func (s *stage) held(handled *record) (host Host, entered, release, queued chan struct{}) {
	s.t.Helper()
	entered, release, queued = make(chan struct{}), make(chan struct{}), make(chan struct{}, 100)
	s.setup.Functions["second"] = func(context.Context, events.Event, events.Emit) error {
		queued <- struct{}{}
		return nil
	}
	host = s.handle("first", func(_ context.Context, in events.Event, _ events.Emit) error {
		if handled.note(in); in.ID() == "hold" {
			close(entered)
			<-release
		}
		return nil
	})
	return host, entered, release, queued
}

// testTicks emits more ticks than the queue has room for.
func testTicks(t *testing.T, s *stage) {
	const room, count = 2, 10
	s.setup.Queue = room
	var handled record
	host, entered, release, queued := s.held(&handled)
	emitted := make(chan error, count+1)
	emit := func(e events.Event) {
		go func() { emitted <- host.Emit(s.ctx, e) }()
		s.wait(queued, "the second function's turn")
	}
	emit(event(typeOrdered, "hold", "3"))
	s.wait(entered, "the start of the first event")
	for n := range count {
		head := events.Head{ID: strconv.Itoa(n), Source: "test", Key: "3"}
		emit(events.New(events.TypeShardTick, head, &events.ShardTick{Shard: 3}))
	}
	close(release)
	for range count + 1 {
		if err := <-emitted; err != nil {
			t.Errorf("emit: got %v, want nil", err)
		}
	}
	if diff := cmp.Diff([]string{"hold", "0"}, handled.seen()); diff != "" {
		t.Errorf("events handled (-want +got):\n%s", diff)
	}
}

func testTakenBack(t *testing.T, s *stage) {
	const room = 2
	s.setup.Queue = room
	var handled record
	host, entered, release, queued := s.held(&handled)
	emitted := make(chan error, 2)
	go func() { emitted <- host.Emit(s.ctx, event(typeOrdered, "hold", "a")) }()
	s.wait(queued, "the second function's turn")
	s.wait(entered, "the start of the first event")
	ctx, giveUp := context.WithCancel(s.ctx)
	defer giveUp()
	gone := make(chan error, 1)
	go func() { gone <- host.Emit(ctx, event(typeOrdered, "given up", "a")) }()
	s.wait(queued, "the second function's turn")
	giveUp()
	wantCode(t, <-gone, monitor.Unavailable)
	go func() { emitted <- host.Emit(s.ctx, event(typeOrdered, "later", "a")) }()
	s.wait(queued, "the second function's turn, for which the first one needs room")
	close(release)
	for range 2 {
		if err := <-emitted; err != nil {
			t.Errorf("emit: got %v, want nil", err)
		}
	}
	if diff := cmp.Diff([]string{"hold", "later"}, handled.seen()); diff != "" {
		t.Errorf("events handled (-want +got):\n%s", diff)
	}
}
