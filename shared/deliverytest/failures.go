package deliverytest

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// failing fails the first times with the error and then succeeds.
func failing(r *record, times int, err error) events.Handler {
	return func(_ context.Context, in events.Event, _ events.Emit) error {
		if r.note(in) <= times {
			return err
		}
		return nil
	}
}

func testRetry(t *testing.T, s *stage) {
	var tries record
	host := s.handle("first", failing(&tries, 2, monitor.Errorf(monitor.Unavailable, "busy")))
	start := time.Now()
	s.emit(host, event(typeOrdered, "1", "a"))
	tries.await(s, 3)
	took := time.Since(start)
	if diff := cmp.Diff([]string{"1", "1", "1"}, tries.seen()); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	if got := len(s.deadLetters()); got != 0 {
		t.Errorf("dead letters: got %d, want none", got)
	}
	if least := delivery().Wait(1) + delivery().Wait(2); took < least {
		t.Errorf("backoff: three tries took %s, want at least %s", took, least)
	}
}

func testConflict(t *testing.T, s *stage) {
	var tries record
	host := s.handle("first", failing(&tries, 1, monitor.Errorf(monitor.Conflict, "someone wrote first")))
	s.emit(host, event(typeOrdered, "1", "a"))
	tries.await(s, 2)
	if got := len(tries.seen()); got != 2 {
		t.Errorf("tries: got %d, want 2", got)
	}
}

func testTimeout(t *testing.T, s *stage) {
	short := delivery()
	short.Timeout = 2 * time.Second
	s.setup.Topology = wiring(short)
	var tries record
	host := s.handle("first", func(ctx context.Context, in events.Event, _ events.Emit) error {
		if tries.note(in) > 1 {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	s.emit(host, event(typeOrdered, "1", "a"))
	tries.await(s, 2)
	if got := len(tries.seen()); got < 2 || len(s.deadLetters()) > 0 {
		t.Errorf("got %d tries and %d dead letters, want the try that hangs to be followed by one that does not", got, len(s.deadLetters()))
	}
}

func testDeadLetter(t *testing.T, s *stage) {
	var tries record
	host := s.handle("first", failing(&tries, 99, monitor.Errorf(monitor.Unavailable, "the store is away")))
	s.emit(host, event(typeOrdered, "1", "a"))
	letter := s.letter()
	if got, want := len(tries.seen()), 1+delivery().Retry; got != want {
		t.Errorf("tries: got %d, want %d", got, want)
	}
	want := map[string]string{
		"id": "1", "type": typeOrdered, "data": `{"text":"1"}`, "key": "a",
		"knativeerrorcode": "503", "reason": "unavailable", "message": "the store is away",
	}
	if diff := cmp.Diff(want, describe(t, letter)); diff != "" {
		t.Errorf("dead letter (-want +got):\n%s", diff)
	}
	if dest := text(letter, "knativeerrordest"); dest == "" {
		t.Error("dead letter: knativeerrordest is empty, want the function's address")
	}
}

func describe(t *testing.T, letter events.Event) map[string]string {
	t.Helper()
	data, err := letter.Encoded()
	if err != nil {
		t.Fatalf("data of the dead letter: %v", err)
	}
	message, err := base64.StdEncoding.DecodeString(text(letter, "knativeerrordata"))
	if err != nil {
		t.Fatalf("knativeerrordata: %v", err)
	}
	return map[string]string{
		"id": letter.ID(), "type": letter.Type(), "data": string(data), "key": letter.Key(),
		"knativeerrorcode": text(letter, "knativeerrorcode"), "reason": text(letter, "reason"),
		"message": strings.TrimSpace(string(message)),
	}
}

func text(e events.Event, extension string) string {
	value, _ := e.Extensions()[extension].(string)
	return value
}

func testInvalid(t *testing.T, s *stage) {
	wantOneTry(t, s, monitor.FieldErrorf("text", "must be a number"), "text: must be a number")
}

func testNotFound(t *testing.T, s *stage) {
	wantOneTry(t, s, monitor.Errorf(monitor.NotFound, "no such shard"), "no such shard")
}

func wantOneTry(t *testing.T, s *stage, err error, message string) {
	t.Helper()
	var tries record
	host := s.handle("first", failing(&tries, 99, err))
	s.emit(host, event(typeOrdered, "1", "a"))
	got := describe(t, s.letter())
	if got := len(tries.seen()); got != 1 {
		t.Errorf("tries: got %d, want 1", got)
	}
	if got["knativeerrorcode"] != "400" || got["message"] != message {
		t.Errorf("dead letter: got code %s, message %q, want 400, %q", got["knativeerrorcode"], got["message"], message)
	}
}

func testSecretCause(t *testing.T, s *stage) {
	host := s.handle("first", failing(&record{}, 99,
		monitor.Wrap(monitor.Invalid, errors.New("password hunter2"), "the login failed")))
	s.emit(host, event(typeOrdered, "1", "a"))
	letter := s.letter()
	for name, value := range letter.Extensions() {
		text, _ := value.(string)
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			text += string(decoded)
		}
		if strings.Contains(text, "hunter2") {
			t.Errorf("attribute %s of the dead letter tells the cause: %q", name, text)
		}
	}
}

func testPanic(t *testing.T, s *stage) {
	s.setup.Topology = wiring(topology.Delivery{
		Retry: 1, Delay: time.Millisecond, Timeout: patience, DeadLetter: delivery().DeadLetter,
	})
	var tries record
	host := s.handle("first", func(_ context.Context, in events.Event, _ events.Emit) error {
		tries.note(in)
		if in.ID() == "bad" {
			panic("out of bounds")
		}
		return nil
	})
	s.emit(host, event(typeOrdered, "bad", "a"), event(typeOrdered, "good", "a"))
	tries.await(s, 3)
	if diff := cmp.Diff([]string{"bad", "bad", "good"}, tries.seen()); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	if got := describe(t, s.letter()); got["knativeerrorcode"] != "503" || got["reason"] != "internal" {
		t.Errorf("dead letter: got code %s, reason %s, want 503, internal", got["knativeerrorcode"], got["reason"])
	}
}

func testBackPressure(t *testing.T, s *stage) {
	const room = 4
	s.setup.Queue = room
	release, handled := make(chan struct{}), make(chan struct{}, 2*room)
	host := s.handle("loose", func(context.Context, events.Event, events.Emit) error {
		<-release
		handled <- struct{}{}
		return nil
	})
	for n := range room {
		s.emit(host, event(typeLoose, string(rune('a'+n)), "a"))
	}
	short, cancel := context.WithTimeout(s.ctx, 200*time.Millisecond)
	defer cancel()
	wantCode(t, host.Emit(short, event(typeLoose, "too many", "a")), monitor.Unavailable)
	close(release)
	s.emit(host, event(typeLoose, "later", "a"))
	for range room + 1 {
		s.wait(handled, "the end of every event")
	}
}

func testDrain(t *testing.T, s *stage) {
	const count = 5
	var handled record
	entered, release := make(chan struct{}, count), make(chan struct{})
	host := s.handle("first", func(_ context.Context, in events.Event, _ events.Emit) error {
		entered <- struct{}{}
		<-release
		handled.note(in)
		return nil
	})
	emitted := make(chan error, count)
	for n := range count {
		go func() { emitted <- host.Emit(s.ctx, event(typeOrdered, string(rune('a'+n)), string(rune('a'+n)))) }()
	}
	for range count {
		s.wait(entered, "the start of every event")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- host.Stop() }()
	close(release)
	for range count {
		if err := <-emitted; err != nil {
			t.Errorf("emit before the stop: got %v, want nil", err)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	got := slices.Sorted(slices.Values(handled.seen()))
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, got); diff != "" {
		t.Errorf("events handled (-want +got):\n%s", diff)
	}
	short, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	wantCode(t, host.Emit(short, event(typeOrdered, "late", "a")), monitor.Unavailable)
}
