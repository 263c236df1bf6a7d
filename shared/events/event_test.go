package events_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// overWire returns the event as another process gets it.
func overWire(t *testing.T, e events.Event) events.Event {
	t.Helper()
	wire, err := e.Wire()
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Validate(); err != nil {
		t.Fatalf("the event is no CloudEvent: %v", err)
	}
	return events.FromWire(wire)
}

func TestEventOverTheWire(t *testing.T) {
	t.Parallel()
	all := samples()
	same[events.ProbeDue](t, all[events.TypeProbeDue])
	same[events.ProbeResults](t, all[events.TypeProbeResults])
	same[events.ShardTick](t, all[events.TypeShardTick])
	same[events.IncidentChanged](t, all[events.TypeIncidentChanged])
	same[events.RowRejected](t, all[events.TypeRowRejected])
}

func same[T any](t *testing.T, sent events.Event) {
	t.Helper()
	received := overWire(t, sent)
	want, err := events.Decode[T](sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.Decode[T](received)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: sent -, received +:\n%s", sent.Type(), diff)
	}
	if received.ID() != sent.ID() || received.Key() != sent.Key() || received.Type() != sent.Type() {
		t.Errorf("got %s %s %s, want %s %s %s", received.Type(), received.ID(), received.Key(), sent.Type(), sent.ID(), sent.Key())
	}
	again, err := received.Encoded()
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := sent.Encoded(); string(first) != string(again) {
		t.Errorf("%s: passed on as\n%s\nwant\n%s", sent.Type(), again, first)
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	t.Run("gives the value itself within the process that made it", func(t *testing.T) {
		t.Parallel()
		tick := &events.ShardTick{Shard: 3}
		got, err := events.Decode[events.ShardTick](events.New(events.TypeShardTick, events.Head{ID: "x", Source: "y"}, tick))
		if err != nil || got != tick {
			t.Errorf("got %p and %v, want %p", got, err, tick)
		}
	})
	t.Run("is done once for all who get a decoded event", func(t *testing.T) {
		t.Parallel()
		for kind, sample := range samples() {
			if kind == events.TypePing || kind == events.TypeRowRejected {
				continue
			}
			decoded := events.Decoded(overWire(t, sample))
			if !shared(decoded) {
				t.Errorf("%s: got two values, want one", kind)
			}
			if shared(overWire(t, sample)) {
				t.Errorf("%s: got one value of an event that was not decoded", kind)
			}
		}
	})
	t.Run("of data that does not fit is invalid", func(t *testing.T) {
		t.Parallel()
		for kind, sample := range samples() {
			wire, err := sample.Wire()
			if err != nil {
				t.Fatal(err)
			}
			wire.DataEncoded = []byte(`{"shard":`)
			e := events.Decoded(events.FromWire(wire))
			if _, err := events.Decode[events.ShardTick](e); monitor.CodeOf(err) != monitor.Invalid {
				t.Errorf("%s: got %v, want invalid", kind, err)
			}
		}
	})
}

// shared tells whether decoding the event twice gives one value.
func shared(e events.Event) bool {
	switch e.Type() {
	case events.TypeProbeDue:
		return one[events.ProbeDue](e)
	case events.TypeProbeResults:
		return one[events.ProbeResults](e)
	case events.TypeShardTick:
		return one[events.ShardTick](e)
	default:
		return one[events.IncidentChanged](e)
	}
}

func one[T any](e events.Event) bool {
	a, err1 := events.Decode[T](e)
	b, err2 := events.Decode[T](e)
	return err1 == nil && err2 == nil && a == b
}

func TestSwitch(t *testing.T) {
	t.Parallel()
	var got []int
	handle := events.Switch(map[string]events.Handler{
		events.TypeShardTick: events.On(func(_ context.Context, tick *events.ShardTick, _ events.Emit) error {
			got = append(got, tick.Shard)
			return nil
		}),
	})
	if err := handle(t.Context(), samples()[events.TypeShardTick], nil); err != nil || !cmp.Equal(got, []int{7}) {
		t.Errorf("got %v and %v, want shard 7", got, err)
	}
	if err := handle(t.Context(), samples()[events.TypePing], nil); monitor.CodeOf(err) != monitor.Invalid {
		t.Errorf("got %v for another type, want invalid", err)
	}
	bad := samples()[events.TypeShardTick].Event
	bad.DataEncoded = []byte(`7`)
	if err := handle(t.Context(), events.FromWire(bad), nil); monitor.CodeOf(err) != monitor.Invalid {
		t.Errorf("got %v for bad data, want invalid", err)
	}
}

func TestFlows(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for _, flow := range events.Flows() {
		for _, kind := range flow.In {
			taken[kind] = true
		}
	}
	for name, flow := range events.Flows() {
		for _, kind := range flow.Out {
			if !taken[kind] && kind != events.TypeRowRejected {
				t.Errorf("%s emits %s, which nobody takes", name, kind)
			}
		}
	}
}
