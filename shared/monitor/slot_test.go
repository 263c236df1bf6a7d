package monitor_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestDueIn(t *testing.T) {
	t.Parallel()
	t.Run("slots that adjoin hold each due time once", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			interval := time.Duration(rapid.Int64Range(int64(monitor.MinInterval), int64(monitor.MaxInterval)).Draw(t, "interval"))
			from := monitor.Instant(rapid.Int64Range(0, 2_000_000_000_000).Draw(t, "from"))
			var all []monitor.Instant
			edge := from
			for range rapid.IntRange(1, 8).Draw(t, "slots") {
				to := edge.Add(time.Duration(rapid.Int64Range(0, int64(3*interval)).Draw(t, "slot")))
				due := monitor.DueIn("shop/cart", interval, edge, to)
				for n := range due.Count {
					if due.At(n) < edge || due.At(n) >= to {
						t.Fatalf("due time %d is not in [%d, %d)", due.At(n), edge, to)
					}
					all = append(all, due.At(n))
				}
				edge = to
			}
			whole := monitor.DueIn("shop/cart", interval, from, edge)
			if whole.Count != len(all) {
				t.Fatalf("got %d due times in parts, %d in all", len(all), whole.Count)
			}
			for n, due := range all {
				if due != whole.At(n) || n > 0 && due.Sub(all[n-1]) != interval.Truncate(time.Millisecond) {
					t.Fatalf("due time %d: got %d, want %d", n, due, whole.At(n))
				}
			}
			if missed := edge.Sub(from) - time.Duration(len(all))*interval; missed >= interval+time.Millisecond {
				t.Fatalf("%s went by without a check", missed)
			}
		})
	})
	t.Run("due times stay the same whenever they are asked for", func(t *testing.T) {
		t.Parallel()
		first := monitor.DueIn("shop/cart", time.Minute, at(0), at(60)).At(0)
		for second := range 60 {
			got := monitor.DueIn("shop/cart", time.Minute, at(second), at(second+60)).At(0)
			if got != first && got != first.Add(time.Minute) {
				t.Errorf("asked at second %d: got %d, want %d", second, got, first)
			}
		}
	})
}

func TestDueAfter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		interval := time.Duration(rapid.Int64Range(100, 100_000).Draw(t, "interval")) * time.Millisecond
		from := monitor.Instant(rapid.Int64Range(1e12, 1e12+1e6).Draw(t, "from"))
		at := from.Add(time.Duration(rapid.Int64Range(-1e6, 1e6).Draw(t, "at")) * time.Millisecond)
		due := monitor.DueIn("shop/cart", interval, from, from.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "intervals"))*interval))
		if got, want := due.After(at), monitor.DueIn("shop/cart", interval, at+1, at+1).First; got != want {
			t.Fatalf("got %d after %d, want %d, whatever the run begins with", got, at, want)
		}
	})
}

func TestPhase(t *testing.T) {
	t.Parallel()
	const endpoints, parts = 10_000, 20
	var counts [parts]int
	for n := range endpoints {
		phase := monitor.Phase(fmt.Sprintf("shop/endpoint-%d", n), 10*time.Second)
		counts[phase/(10*time.Second/parts)]++
	}
	for part, count := range counts {
		if count < endpoints/parts*8/10 || count > endpoints/parts*12/10 {
			t.Errorf("part %d of the slot holds %d checks, want about %d", part, count, endpoints/parts)
		}
	}
}

func TestShardOf(t *testing.T) {
	t.Parallel()
	const endpoints, shards = 10_000, 64
	var counts [shards]int
	for n := range endpoints {
		counts[monitor.ShardOf(fmt.Sprintf("shop/endpoint-%d", n), shards)]++
	}
	for shard, count := range counts {
		if count < endpoints/shards/2 || count > endpoints/shards*2 {
			t.Errorf("shard %d holds %d endpoints, want about %d", shard, count, endpoints/shards)
		}
	}
	if got, want := monitor.ShardOf("shop/cart", 1<<30), 0x3ef04eb8; got != want {
		t.Errorf("got %#x, want FNV-1a 64 cut to 30 bits, %#x", got, want)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	t.Run("keeps the requests in flight within the bound, with as many batches as fit", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			plan := monitor.Plan{
				Slot:    time.Duration(rapid.IntRange(1, 300).Draw(t, "slot")) * time.Second,
				Batches: 1 << rapid.IntRange(0, 6).Draw(t, "batches"), Shards: 64,
			}
			largest := time.Duration(rapid.Int64Range(0, int64(monitor.MaxTimeout)).Draw(t, "timeout"))
			parts := rapid.IntRange(0, 10).Draw(t, "parts")
			open := func(batches int) float64 {
				return float64(batches*max(parts, 1)) * (2*plan.Slot + largest).Seconds() / plan.Slot.Seconds()
			}
			got := plan.BatchCount(largest, parts)
			if got < 1 || got > plan.Batches || got&(got-1) != 0 {
				t.Fatalf("got %d batches of %d", got, plan.Batches)
			}
			if got > 1 && open(got) > monitor.InFlight {
				t.Fatalf("%d batches have %v requests in flight", got, open(got))
			}
			if got < plan.Batches && open(2*got) <= monitor.InFlight {
				t.Fatalf("%d batches would fit, got %d", 2*got, got)
			}
		})
	})
	t.Run("cuts the shards into equal ranges", func(t *testing.T) {
		t.Parallel()
		plan := monitor.Plan{Shards: 64}
		for _, batches := range []int{1, 2, 16, 64} {
			counts, last := map[int]int{}, 0
			for shard := range 64 {
				batch := plan.BatchOf(shard, batches)
				if batch < last || batch >= batches {
					t.Fatalf("shard %d is in batch %d of %d, after %d", shard, batch, batches, last)
				}
				counts[batch]++
				last = batch
			}
			for batch, count := range counts {
				if count != 64/batches {
					t.Errorf("batch %d of %d has %d shards", batch, batches, count)
				}
			}
		}
	})
	t.Run("gives a fold ten minutes, or two ticks where these are further apart", func(t *testing.T) {
		t.Parallel()
		for slot, want := range map[time.Duration]struct{ tick, lag time.Duration }{
			10 * time.Second: {time.Minute, 10 * time.Minute},
			5 * time.Minute:  {5 * time.Minute, 10 * time.Minute},
			6 * time.Minute:  {6 * time.Minute, 12 * time.Minute},
		} {
			plan := monitor.Plan{Slot: slot}
			if tick, lag := plan.TickSpan(), plan.FoldLag(); tick != want.tick || lag != want.lag {
				t.Errorf("slots of %s: got ticks %s apart and a lag of %s, want %s and %s", slot, tick, lag, want.tick, want.lag)
			}
		}
	})
	t.Run("leaves a handler two slots, the largest timeout and 5 s", func(t *testing.T) {
		t.Parallel()
		if got, want := (monitor.Plan{Slot: 10 * time.Second}).HandlerTimeout(30*time.Second), 55*time.Second; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
