package probe_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
)

// TestPace holds what is plenty to its bounds, whatever the latencies: nothing
// is known until PaceLearns passes, no steady endpoint is doubted, and after a
// change of pace the old one is forgotten.
func TestPace(t *testing.T) {
	t.Parallel()
	span := func(rt *rapid.T, most time.Duration, name string) time.Duration {
		return time.Duration(rapid.Int64Range(0, int64(most)).Draw(rt, name))
	}
	rapid.Check(t, func(rt *rapid.T) {
		timeout := 10*time.Millisecond + span(rt, time.Minute, "timeout")
		var pace probe.Pace
		var seen []time.Duration
		for n := range rapid.IntRange(0, 40).Draw(rt, "passes") {
			if plenty := pace.Plenty(timeout); n < probe.PaceLearns && plenty != timeout {
				rt.Fatalf("got %s after %d passes, want the timeout %s", plenty, n, timeout)
			}
			seen = append(seen, span(rt, timeout, "latency"))
			pace = pace.Next(seen[n])
			if got := pace.Plenty(timeout); got > timeout || got < min(probe.PaceFloor, timeout) {
				rt.Fatalf("got %s, want something from %s to %s", got, probe.PaceFloor, timeout)
			}
		}
		if len(seen) >= probe.PaceLearns {
			if got, least := pace.Plenty(timeout), min(slices.Min(seen)+probe.PaceGrain, timeout); got < least-time.Microsecond {
				rt.Fatalf("got %s, want more than the fastest of all answers: %s", got, least)
			}
		}
		steady := span(rt, timeout, "steady latency")
		for range 100 {
			pace = pace.Next(steady)
		}
		want := min(max(steady+probe.PaceGrain, probe.PaceFloor), timeout)
		if got := pace.Plenty(timeout); (got - want).Abs() > timeout/1000+time.Millisecond {
			rt.Fatalf("got %s for a steady %s, want about %s", got, steady, want)
		}
	})
	t.Run("it is that of RFC 6298", func(t *testing.T) {
		t.Parallel()
		var pace probe.Pace
		for range probe.PaceLearns - 1 {
			pace = pace.Next(400 * time.Millisecond)
		}
		pace = pace.Next(800 * time.Millisecond)
		// SRTT 450 ms; RTTVAR 200 ms * 0.75^6 * 0.75 + 400 ms / 4
		if got, want := pace.Plenty(time.Minute).Round(time.Millisecond), 957*time.Millisecond; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
