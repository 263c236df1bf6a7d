package bus_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// firstTailed returns what the tail shows first behind a position.
func firstTailed(t *testing.T, b *bus.Bus, position string) events.Tailed {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var first []events.Tailed
	err := b.Tail(ctx, position, func(got events.Tailed) {
		first = append(first, got)
		cancel()
	})
	if err != nil || len(first) == 0 {
		t.Fatalf("tail from %q: got %d things, %v", position, len(first), err)
	}
	return first[0]
}

// followed follows the tail for as long as more wants more, and returns what it showed.
func followed(t *testing.T, b *bus.Bus, position string, more func(events.Tailed) bool) (shown []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := b.Tail(ctx, position, func(got events.Tailed) {
		shown = append(shown, got.Event.ID())
		if !more(got) {
			cancel()
		}
	})
	if err != nil {
		t.Errorf("tail: got %v, want nil", err)
	}
	return shown
}

func emitResults(t *testing.T, b *bus.Bus, id string, data string) {
	t.Helper()
	e := events.New(events.TypeProbeResults, events.Head{ID: id, Source: "probe", Key: "1"}, &events.ProbeResults{})
	e.DataEncoded = []byte(data)
	if err := b.Emit(t.Context(), e); err != nil {
		t.Fatalf("emit: %v", err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()

	t.Run("resyncs from a position of another run", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired())
		emitResults(t, b, "1", "{}")
		emitResults(t, b, "2", "{}")
		if got := firstTailed(t, b, "other-1"); !got.Resync {
			t.Errorf("got event %s, want a resync", got.Event.ID())
		}
	})

	t.Run("keeps no more bytes than it may", func(t *testing.T) {
		t.Parallel()
		options := wired()
		options.Tail = bus.TailSize{Bytes: 4000}
		b := bus.New(options)
		emitResults(t, b, "0", "{}")
		resync := firstTailed(t, b, "?")
		for _, id := range []string{"1", "2", "3"} {
			emitResults(t, b, id, string(make([]byte, 1200)))
		}
		if got := firstTailed(t, b, resync.Position); !got.Resync {
			t.Errorf("behind bytes that are gone: got event %s, want a resync", got.Event.ID())
		}
	})

	t.Run("goes back to what was read", func(t *testing.T) {
		t.Parallel()
		b := bus.New(wired())
		start := firstTailed(t, b, "?").Position
		emitResults(t, b, "1", "{}")
		followed(t, b, start, func(got events.Tailed) bool {
			if got.Event.ID() == "1" {
				emitResults(t, b, "2", "{}")
			}
			return got.Event.ID() != "2"
		})
		if got := firstTailed(t, b, start); got.Event.ID() != "1" {
			t.Errorf("got event %q, want the first one again", got.Event.ID())
		}
	})

	t.Run("of what is kept until it is read, no more is left", func(t *testing.T) {
		t.Parallel()
		options := wired()
		options.Tail = bus.TailSize{Unread: true}
		b := bus.New(options)
		start := firstTailed(t, b, "?").Position
		emitResults(t, b, "1", "{}")
		emitResults(t, b, "2", "{}")
		var behind string
		if shown := followed(t, b, start, func(got events.Tailed) bool {
			if got.Event.ID() == "1" {
				behind = got.Position
				followed(t, b, start, func(ahead events.Tailed) bool { // one who is faster
					if next := map[string]string{"2": "3", "3": "4"}[ahead.Event.ID()]; next != "" {
						emitResults(t, b, next, "{}")
					}
					return ahead.Event.ID() != "4"
				})
			}
			return got.Event.ID() != "4" && !got.Resync
		}); !cmp.Equal(shown, []string{"1", "2", "3", "4"}) {
			t.Errorf("got %q, want all four", shown)
		}
		if got := firstTailed(t, b, behind); !got.Resync {
			t.Errorf("got event %s again, want a resync", got.Event.ID())
		}
	})

	t.Run("a receiver that is too slow is resynced and goes on", func(t *testing.T) {
		t.Parallel()
		options := wired()
		options.Tail = bus.TailSize{Events: 2}
		b := bus.New(options)
		emitResults(t, b, "0", "{}")
		position := firstTailed(t, b, "?").Position
		emitResults(t, b, "1", "{}")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var shown []string
		err := b.Tail(ctx, position, func(got events.Tailed) {
			switch {
			case got.Event.ID() == "1":
				for _, id := range []string{"2", "3", "4", "5"} {
					emitResults(t, b, id, "{}")
				}
				shown = append(shown, "1")
			case got.Resync:
				shown = append(shown, "resync")
				emitResults(t, b, "6", "{}")
			default:
				shown = append(shown, got.Event.ID())
				cancel()
			}
		})
		if err != nil {
			t.Errorf("tail: got %v, want nil", err)
		}
		if diff := cmp.Diff([]string{"1", "resync", "6"}, shown); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
	})
}
