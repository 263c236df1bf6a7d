package kafka_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// fickle is a function whose answers a test sets, by the event's ID.
type fickle struct {
	mu      sync.Mutex
	answers map[string]error
	tries   map[string]int
	handled []string
}

func newFickle() *fickle { return &fickle{answers: map[string]error{}, tries: map[string]int{}} }

func (f *fickle) handle(_ context.Context, in events.Event, _ events.Emit) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries[in.ID()]++
	if err := f.answers[in.ID()]; err != nil {
		return err
	}
	f.handled = append(f.handled, in.ID())
	return nil
}

// answer sets what becomes of an event, and returns how often it was tried so far.
func (f *fickle) answer(id string, err error) (tries int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[id] = err
	return f.tries[id]
}

func (f *fickle) tried(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tries[id]
}

func (f *fickle) all() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.handled, " ")
}

func errAway() error { return monitor.Errorf(monitor.Unavailable, "the store is away") }

// holding is a consumer that holds the events of one function, and its dead
// letters.
type holding struct {
	*fickle
	settings kafka.Settings
	wiring   topology.Topology
	out      *kafka.Sender
	lines    shared
	letters  chan string // id, reason and attempts
}

func newHolding(t *testing.T, wiring topology.Topology) *holding {
	t.Helper()
	h := &holding{fickle: newFickle(), settings: fake(t), letters: make(chan string, 10)}
	h.wiring = own(t, h.settings, wiring)
	h.out = sender(t, h.settings, h.wiring.Topic)
	read(t, h.settings, h.wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) {
		said := map[string]string{}
		for _, header := range record.Headers {
			said[string(header.Key)] = string(header.Value)
		}
		h.letters <- said["ce_id"] + " " + said["ce_"+kafka.ExtensionReason] + " " + said["ce_"+kafka.ExtensionAttempts]
	})
	return h
}

func (h *holding) run(t *testing.T) (stop func() error) {
	t.Helper()
	options := kafka.Options{
		Settings: h.settings, Topology: h.wiring, Sender: h.out, Hold: []string{"store"},
		Log: slog.New(slog.NewTextHandler(&h.lines, nil)),
	}
	return run(t, consumer(t, options, map[string]events.Handler{"store": h.handle}))
}

// beyond waits until an event was tried more often than its Trigger says.
func (h *holding) beyond(t *testing.T, id string) {
	t.Helper()
	most := 1 + h.wiring.Triggers[0].Delivery.Retry
	until(t, "more tries than the Trigger has", patience, func() bool { return h.tried(id) > most+1 })
}

func TestHold(t *testing.T) {
	t.Parallel()
	t.Run("what a function is unavailable for waits, in order, and keeps nobody else waiting", func(t *testing.T) {
		t.Parallel()
		h := newHolding(t, wired(true))
		h.run(t)
		h.answer("1", errAway())
		emit(t, h.out, event("1", "1"), event("2", "1"), event("other", "2"))
		h.beyond(t, "1")
		until(t, "the event of another partition is handled", patience, func() bool { return h.all() == "other" })
		h.answer("1", nil)
		until(t, "both are handled", patience, func() bool { return h.all() == "other 1 2" })
		h.answer("bad", monitor.Errorf(monitor.Invalid, "no good"))
		emit(t, h.out, event("bad", "1"))
		if got := receive(t, "a dead letter", h.letters); got != "bad invalid 1" {
			t.Errorf("got the dead letter %q, want none before that of the bad event", got)
		}
		if said := strings.Count(h.lines.String(), "event will be tried again"); said != 1 {
			t.Errorf("got %d lines about tries to come, want 1:\n%s", said, h.lines.String())
		}
	})
	t.Run("an event that turns out to be bad becomes a dead letter at once", func(t *testing.T) {
		t.Parallel()
		h := newHolding(t, wired(true))
		h.run(t)
		h.answer("1", errAway())
		emit(t, h.out, event("1", "1"))
		h.beyond(t, "1")
		h.answer("1", monitor.Errorf(monitor.Invalid, "no good"))
		if got := receive(t, "its dead letter", h.letters); !strings.HasPrefix(got, "1 invalid ") {
			t.Errorf("got the dead letter %q, want that of the event, as invalid", got)
		}
	})
	t.Run("another fault has all the tries of the Trigger", func(t *testing.T) {
		t.Parallel()
		h := newHolding(t, wired(true))
		h.run(t)
		h.answer("1", errAway())
		emit(t, h.out, event("1", "1"))
		h.beyond(t, "1")
		before := h.answer("1", monitor.Errorf(monitor.Internal, "a fault of ours"))
		if got := receive(t, "its dead letter", h.letters); !strings.HasPrefix(got, "1 internal ") {
			t.Errorf("got the dead letter %q, want that of the event, as internal", got)
		}
		if tries := h.tried("1") - before; tries != 1+h.wiring.Triggers[0].Delivery.Retry {
			t.Errorf("got %d tries that failed otherwise, want %d", tries, 1+h.wiring.Triggers[0].Delivery.Retry)
		}
	})
	t.Run("the wait between two tries is never long", func(t *testing.T) {
		t.Parallel()
		patient := wired(true)
		patient.Triggers[0].Delivery.Delay = time.Hour
		h := newHolding(t, patient)
		h.run(t)
		h.answer("1", errAway())
		emit(t, h.out, event("1", "1"))
		until(t, "the second try", patience, func() bool { return h.tried("1") > 1 })
	})
}

// TestHoldMoves takes the partition away from a consumer that cannot handle its
// event: the next one of the group gets it.
func TestHoldMoves(t *testing.T) {
	t.Parallel()
	h := newHolding(t, wired(true))
	stop := h.run(t)
	h.answer("1", errAway())
	emit(t, h.out, event("1", "1"))
	h.beyond(t, "1")
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	h.answer("1", nil)
	h.run(t)
	emit(t, h.out, event("2", "1"))
	until(t, "both are handled", patience, func() bool { return h.all() == "1 2" })
}

// TestHoldOrdered has the same function fail on an unordered Trigger, where
// nothing is held: others would never find room.
func TestHoldOrdered(t *testing.T) {
	t.Parallel()
	h := newHolding(t, wired(false))
	h.run(t)
	h.answer("1", errAway())
	emit(t, h.out, event("1", "1"))
	if got, want := receive(t, "its dead letter", h.letters), "1 unavailable 4"; got != want {
		t.Errorf("got the dead letter %q, want %q", got, want)
	}
}

// TestHoldNamed has another function fail than the one whose events are held.
func TestHoldNamed(t *testing.T) {
	t.Parallel()
	other := wired(true)
	other.Triggers[0].Subscriber.Name = "alert"
	h := newHolding(t, other)
	options := kafka.Options{Settings: h.settings, Topology: h.wiring, Sender: h.out, Hold: []string{"store"}}
	run(t, consumer(t, options, map[string]events.Handler{"alert": h.handle}))
	h.answer("1", errAway())
	emit(t, h.out, event("1", "1"))
	if got := receive(t, "its dead letter", h.letters); got != "1 unavailable 4" {
		t.Errorf("got the dead letter %q, want one after four tries", got)
	}
}
