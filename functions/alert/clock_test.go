package alert_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestClockSetBack has a process end, the clock set back by a day, and another
// process begin.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	const day = 24 * 60 * 60
	begin := func(t *testing.T) *bench {
		t.Helper()
		b := newBench(t, cart(), endpoint("till"))
		b.feed("shop/cart", "ff", 0)
		b.handle(results(rows("shop/till", "f", 2)...))
		b.tick(20)
		b.now = noon.Add(-day * time.Second)
		b.alert = b.start(b.store)
		return b
	}
	t.Run("an outage ends with the next results", func(t *testing.T) {
		t.Parallel()
		b := begin(t)
		b.feed("shop/cart", "pp", -day+20)
		if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("an outage begins with the next results", func(t *testing.T) {
		t.Parallel()
		b := begin(t)
		b.handle(results(rows("shop/till", "fff", -day+20)...))
		if diff := cmp.Diff([]string{"opened down", "opened down"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("the mark is moved back, so that a restart replays what came since", func(t *testing.T) {
		t.Parallel()
		b := begin(t)
		b.tick(-day + 20)
		b.tick(-day + 80)
		if got, latest := b.state().Decided, at(-day+80); got > latest {
			t.Errorf("got a mark at %d, want none after %d", got, latest)
		}
	})
	t.Run("what store had from before it is not decided on", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, cart())
		b.feed("shop/cart", "ff", 0)
		b.arrived(results(rows("shop/cart", "ff", 2)...))
		b.now = noon.Add(-day * time.Second)
		b.alert = b.start(b.store)
		if err := b.alert.Replay(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.feed("shop/cart", "pp", -day+20)
		if diff := cmp.Diff([]string{"opened down", "resolved up"}, b.steps()); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("silence is noticed", func(t *testing.T) {
		t.Parallel()
		b := begin(t)
		if err := b.store.AppendTail(t.Context(), 0, noon, mustEncode(t, "shop/cart")); err != nil {
			t.Fatal(err)
		}
		b.tick(-day + 20)
		b.tick(-day + 100)
		if got := b.state().States["shop/cart"].Health; got != monitor.Unknown {
			t.Errorf("got %s, want unknown: nobody has seen it since", got)
		}
	})
}

func mustEncode(t *testing.T, endpoint string) []byte {
	t.Helper()
	data, err := results(rows(endpoint, "f", 1)...).Encoded()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
