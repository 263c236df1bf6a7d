package monitor_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestNotAfter(t *testing.T) {
	t.Parallel()
	state := func(seen, decided monitor.Instant, failed int) monitor.ShardState {
		return monitor.ShardState{Decided: decided, States: map[string]monitor.State{"shop/a": {
			Endpoint: "shop/a", Health: monitor.Down, Since: seen - 1, Noted: seen, Seen: map[string]monitor.Instant{"here": seen},
			Bad: monitor.Streak{Count: failed, First: seen - 1},
		}}}
	}
	t.Run("marks before it stay", func(t *testing.T) {
		t.Parallel()
		before := state(90, 80, 2)
		got, moved := before.NotAfter(100)
		if diff := cmp.Diff(before, got); diff != "" || moved != 0 {
			t.Errorf("moved %d (-want +got):\n%s", moved, diff)
		}
	})
	t.Run("marks behind it are moved back, and the state that they are of is not touched", func(t *testing.T) {
		t.Parallel()
		before := state(190, 180, 2)
		got, moved := before.NotAfter(100)
		want := state(100, 100, 0)
		past := want.States["shop/a"]
		past.Since, past.Bad = 100, monitor.Streak{}
		want.States["shop/a"] = past
		if diff := cmp.Diff(want, got); diff != "" || moved != 2 {
			t.Errorf("moved %d (-want +got):\n%s", moved, diff)
		}
		if diff := cmp.Diff(state(190, 180, 2), before); diff != "" {
			t.Errorf("the state itself (-want +got):\n%s", diff)
		}
	})
}
