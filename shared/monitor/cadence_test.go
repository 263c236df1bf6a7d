package monitor_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestCadence(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		interval, down time.Duration
		want           int
	}{
		"at first, every due time":                         {time.Second, 10*time.Minute - 1, 1},
		"after 10 minutes, every second":                   {time.Second, 10 * time.Minute, 2},
		"until 30 minutes, every second":                   {time.Second, 30*time.Minute - 1, 2},
		"after 30 minutes, every fourth":                   {time.Second, 30 * time.Minute, 4},
		"after days, every fourth":                         {time.Second, 72 * time.Hour, 4},
		"every fourth is the last that fits into a minute": {15 * time.Second, time.Hour, 4},
		"every second, where four exceed a minute":         {20 * time.Second, time.Hour, 2},
		"every second is the last that fits":               {30 * time.Second, time.Hour, 2},
		"every one, where two exceed a minute":             {31 * time.Second, time.Hour, 1},
		"every one of a minute":                            {time.Minute, time.Hour, 1},
		"every one of a day":                               {24 * time.Hour, 72 * time.Hour, 1},
		"every one, where it is down from now on":          {time.Second, -time.Hour, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := monitor.Cadence(test.interval, test.down); got != test.want {
				t.Errorf("got every %d. due time, want every %d.", got, test.want)
			}
		})
	}
}

func TestCadenceAlways(t *testing.T) {
	t.Parallel()
	intervals := rapid.Int64Range(int64(monitor.MinInterval), int64(2*time.Minute))
	t.Run("the interval stays within a minute, or as it is, and grows with the time down", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			interval := time.Duration(intervals.Draw(t, "interval"))
			down := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(2*time.Hour)).Draw(t, "down"))
			longer := down + time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "longer"))
			factor := monitor.Cadence(interval, down)
			if factor != 1 && factor != 2 && factor != 4 {
				t.Fatalf("got every %d. due time, want every first, second or fourth", factor)
			}
			if every := time.Duration(factor) * interval; every > max(interval, time.Minute) {
				t.Fatalf("got a check every %s, want one a minute at least", every)
			}
			if later := monitor.Cadence(interval, longer); later < factor {
				t.Fatalf("got every %d. due time after %s, but every %d. after %s", factor, down, later, longer)
			}
		})
	})
	t.Run("the due times are every so manieth of the defined ones, whenever they are asked for", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			interval := time.Duration(intervals.Draw(t, "interval")).Truncate(time.Millisecond)
			key := rapid.StringMatching(`[a-z]{1,8}/[a-z]{1,8}`).Draw(t, "endpoint")
			factor := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "factor")
			from := monitor.Instant(rapid.Int64Range(0, 2_000_000_000_000).Draw(t, "from"))
			edge, to := from.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "n"))*interval/3), from.Add(20*interval)
			all := timesOf(monitor.DueAt(key, interval, 1, from, to))
			some := timesOf(monitor.DueAt(key, interval, factor, from, to))
			if n := len(all) / factor; len(some) != n && len(some) != n+1 {
				t.Fatalf("got %d of %d due times, want every %d.", len(some), len(all), factor)
			}
			for at := range timesOf(monitor.DueAt(key, interval, 2*factor, from, to)) {
				if !some[at] {
					t.Fatalf("due time %d of every %d. is none of every %d.", at, 2*factor, factor)
				}
			}
			parts := timesOf(monitor.DueAt(key, interval, factor, from, min(edge, to)))
			for at := range timesOf(monitor.DueAt(key, interval, factor, min(edge, to), to)) {
				parts[at] = true
			}
			for at := range some {
				if !all[at] || !parts[at] {
					t.Fatalf("due time %d: got defined %t, asked for in parts %t, want both", at, all[at], parts[at])
				}
			}
		})
	})
	t.Run("endpoints that are down together are not checked together", func(t *testing.T) {
		t.Parallel()
		var slots [4]int
		for n := range 4000 {
			due := monitor.DueAt("shop/"+string(rune('a'+n%26))+time.Duration(n).String(), 10*time.Second, 4, 0, at(40))
			slots[due.First/10_000]++
		}
		for slot, count := range slots {
			if count < 900 || count > 1100 {
				t.Errorf("slot %d of 4: got %d of 4000 checks, want about a fourth", slot, count)
			}
		}
	})
}

func timesOf(due monitor.Due) map[monitor.Instant]bool {
	times := map[monitor.Instant]bool{}
	for n := range due.Count {
		times[due.At(n)] = true
	}
	return times
}

func TestStateCadence(t *testing.T) {
	t.Parallel()
	e := monitor.Endpoint{Interval: monitor.Duration(time.Second)}
	tests := map[string]struct {
		state monitor.State
		fixed bool
		want  int
	}{
		"down for long":                 {monitor.State{Health: monitor.Down, Since: at(0)}, false, 4},
		"down for long, and a pass":     {monitor.State{Health: monitor.Down, Since: at(0), Good: monitor.Streak{Count: 1}}, false, 1},
		"down for long, a fixed one":    {monitor.State{Health: monitor.Down, Since: at(0)}, true, 1},
		"up for long":                   {monitor.State{Health: monitor.Up, Since: at(0)}, false, 1},
		"degraded for long":             {monitor.State{Health: monitor.Degraded, Since: at(0)}, false, 1},
		"unseen for long":               {monitor.State{Health: monitor.Unknown, Since: at(0)}, false, 1},
		"down since a time that is not": {monitor.State{Health: monitor.Down, Since: at(7200)}, false, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := e
			e.Adaptive.FixedCadence = test.fixed
			if got := test.state.Cadence(&e, at(3600)); got != test.want {
				t.Errorf("got every %d. due time, want every %d.", got, test.want)
			}
		})
	}
}

// TestStateApart has checks handed out by what is believed up to three slots
// before, as schedule does: none comes later than the state says.
func TestStateApart(t *testing.T) {
	t.Parallel()
	const slot = 10 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		e := monitor.Endpoint{Namespace: "shop", ID: rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "id")}
		e.Interval = monitor.Duration(rapid.Int64Range(100, 120_000).Draw(t, "interval ms") * int64(time.Millisecond))
		back := at(rapid.IntRange(0, 7200).Draw(t, "back after s"))
		ahead := time.Duration(rapid.IntRange(0, 3).Draw(t, "slots ahead")) * slot
		state, last := monitor.State{Health: monitor.Down, Since: at(0)}, at(0)
		for begin := at(0); begin < at(7400); begin = begin.Add(slot) {
			planned := state
			if begin.Add(-ahead) > back {
				planned = monitor.State{Health: monitor.Up, Since: back}
			}
			due := monitor.DueAt(e.Key(), e.Interval.D(), planned.Cadence(&e, begin), begin, begin.Add(slot))
			for n := range due.Count {
				now := due.At(n)
				believed := state
				if now > back {
					believed = monitor.State{Health: monitor.Up, Since: back}
				}
				if limit := max(3*believed.Apart(&e, now, 3*slot), 3*slot); now.Sub(last) > limit {
					t.Fatalf("%s after the start: got no check for %s, which is said to be %s at most", now.Sub(at(0)), now.Sub(last), limit)
				}
				last = now
			}
		}
	})
}
