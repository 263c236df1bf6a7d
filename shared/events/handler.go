package events

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Handler is one function: an event in, events out. It may emit at any time
// while it runs. The host acknowledges in only when the handler returns nil;
// an error's code says whether the event is tried again (monitor.Code).
// The same event may come more than once.
type Handler func(ctx context.Context, in Event, emit Emit) error

// Emit hands events to the broker, in order for each key. It returns nil once
// the broker answers for all of them: in memory once every ordered Trigger has
// acknowledged them and every other one has queued them, on Kafka once every
// replica in sync has them.
type Emit func(ctx context.Context, out ...Event) error

// On makes a Handler of a function that wants the decoded data only.
func On[T any](handle func(ctx context.Context, data *T, emit Emit) error) Handler {
	return func(ctx context.Context, in Event, emit Emit) error {
		data, err := Decode[T](in)
		if err != nil {
			return err
		}
		return handle(ctx, data, emit)
	}
}

// Switch makes one Handler of several, by event type. An event of another type
// is Invalid.
func Switch(handlers map[string]Handler) Handler {
	return func(ctx context.Context, in Event, emit Emit) error {
		handle, ok := handlers[in.Type()]
		if !ok {
			return monitor.Errorf(monitor.Invalid, "events of type %q are not handled here", in.Type())
		}
		return handle(ctx, in, emit)
	}
}

// Tailed is an event as a host's newest-only stream shows it.
type Tailed struct {
	Position string // opaque; resumes the stream behind this event
	Event    Event
	Resync   bool // the position asked for is too old: events are missing, and Event is empty
}

// Tail follows a host's newest-only stream of probe.results and
// incident.changed until ctx ends: first what came behind the position, as far
// as the host still has it, then what comes. An empty position starts with
// what comes. Nothing is acknowledged; a receiver that is too slow is resynced.
type Tail func(ctx context.Context, position string, receive func(Tailed)) error
