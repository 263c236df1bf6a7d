package deliverytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// stage is one test's host before and after its start.
type stage struct {
	t     *testing.T
	start Start
	setup Setup
	ctx   context.Context

	mu      sync.Mutex
	letters []events.Event
}

func newStage(t *testing.T, start Start) *stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	s := &stage{t: t, start: start, ctx: ctx}
	s.setup = Setup{
		Topology: wiring(delivery()), DeadLetter: s.keep, Functions: map[string]events.Handler{},
	}
	for _, name := range []string{"loose", "first", "second", "next"} {
		s.setup.Functions[name] = accept
	}
	return s
}

func accept(context.Context, events.Event, events.Emit) error { return nil }

func (s *stage) keep(_ context.Context, e events.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, e)
	return nil
}

func (s *stage) deadLetters() []events.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

// handle sets a function and starts the host.
func (s *stage) handle(function string, handler events.Handler) Host {
	s.t.Helper()
	s.setup.Functions[function] = handler
	return s.start(s.t, s.setup)
}

func (s *stage) emit(host Host, out ...events.Event) {
	s.t.Helper()
	if err := host.Emit(s.ctx, out...); err != nil {
		s.t.Fatalf("emit: got %v, want nil", err)
	}
}

// wait waits until the channel is closed or gives a value.
func (s *stage) wait(done <-chan struct{}, what string) {
	s.t.Helper()
	select {
	case <-done:
	case <-s.ctx.Done():
		s.t.Fatalf("%s did not happen within %s", what, patience)
	}
}

// until waits until it holds.
func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-s.ctx.Done():
			s.t.Fatalf("%s did not happen within %s", what, patience)
		}
	}
}

// letter waits for a dead letter, and returns it if it is the only one.
func (s *stage) letter() events.Event {
	s.t.Helper()
	s.until("a dead letter", func() bool { return len(s.deadLetters()) > 0 })
	letters := s.deadLetters()
	if len(letters) != 1 {
		s.t.Fatalf("dead letters: got %d, want 1", len(letters))
	}
	return letters[0]
}

type payload struct {
	Text string `json:"text"`
}

func event(kind, id, key string) events.Event {
	return events.New(kind, events.Head{ID: id, Source: "test", Key: key}, &payload{Text: id})
}

// record keeps what a function saw.
type record struct {
	mu  sync.Mutex
	ids []string
}

func (r *record) note(e events.Event) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, e.ID())
	return len(r.ids)
}

func (r *record) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids
}

// await waits until the function has seen as many events.
func (r *record) await(s *stage, count int) {
	s.t.Helper()
	s.until(fmt.Sprintf("event number %d", count), func() bool { return len(r.seen()) >= count })
}

func wantCode(t *testing.T, err error, want monitor.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error: got %v, want one with the code %q", err, want)
	}
}
