package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestClaimFree(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		claim monitor.Claim
		run   string
		want  bool
	}{
		"one that is being sent is not":               {monitor.Claim{Until: 101}, "", false},
		"one whose time is up is":                     {monitor.Claim{Until: 100}, "", true},
		"one that was sent is not":                    {monitor.Claim{Until: 1, Sent: true}, "", false},
		"one that this run sent is not":               {monitor.Claim{Run: "b", Sent: true}, "b", false},
		"one that an earlier run sent is":             {monitor.Claim{Run: "a", Sent: true}, "b", true},
		"one that an earlier run was sending is":      {monitor.Claim{Run: "a", Until: 101}, "b", true},
		"one of a slot that was skipped is not":       {monitor.Claim{Run: "a", Sent: true, Skipped: "x"}, "b", false},
		"where runs have no name a sent one never is": {monitor.Claim{Run: "a", Sent: true}, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.claim.Free(100, test.run); got != test.want {
				t.Fatalf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestDueFrom(t *testing.T) {
	t.Parallel()
	due := func(first monitor.Instant, count int) monitor.Due {
		return monitor.Due{First: first, Every: monitor.Duration(100 * time.Millisecond), Count: count}
	}
	tests := map[string]struct {
		due  monitor.Due
		now  monitor.Instant
		left monitor.Due
		lost int
	}{
		"all to come are left":         {due(1000, 5), 1000, due(1000, 5), 0},
		"what is past is lost":         {due(1000, 5), 1001, due(1100, 4), 1},
		"one that is due now is left":  {due(1000, 5), 1200, due(1200, 3), 2},
		"of all past the last is left": {due(1000, 5), 9999, due(1400, 1), 4},
		"one alone is always left":     {due(1000, 1), 9999, due(1000, 1), 0},
		"none are none":                {due(1000, 0), 9999, due(1000, 0), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left, lost := test.due.From(test.now)
			if diff := cmp.Diff(test.left, left); diff != "" || lost != test.lost {
				t.Fatalf("got %d lost, want %d; left (-want +got):\n%s", lost, test.lost, diff)
			}
		})
	}
	t.Run("left and lost are all there was", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			given := due(monitor.Instant(rapid.IntRange(0, 5000).Draw(t, "first")), rapid.IntRange(0, 50).Draw(t, "count"))
			left, lost := given.From(monitor.Instant(rapid.IntRange(0, 12_000).Draw(t, "now")))
			if left.Count+lost != given.Count || given.Count > 0 && (left.Count == 0 || left.At(left.Count-1) != given.At(given.Count-1)) {
				t.Fatalf("got %+v and %d lost of %+v", left, lost, given)
			}
		})
	})
}
