package probe_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestSecondLooksKeepTheirPlace has looks hang and fail, connections be lost and
// rounds be stopped at random. Whatever comes, each due time has its result, the
// rows of an endpoint leave in due order, no two have the same due time, and no
// more than one look is in flight beside another.
func TestSecondLooksKeepTheirPlace(t *testing.T) {
	t.Parallel()
	beside := 0
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		interval := time.Duration(rapid.IntRange(100, 3000).Draw(rt, "interval ms")) * time.Millisecond
		hangs := rapid.IntRange(0, 50).Draw(rt, "hangs in 100")
		fails := rapid.IntRange(0, 50).Draw(rt, "fails in 100")
		losses := rapid.SliceOfN(rapid.IntRange(0, 19_999), 0, 20).Draw(rt, "losses ms")
		e := confirmed("a", interval, rapid.IntRange(1, 5).Draw(rt, "after"))
		synctest.Test(t, func(*testing.T) {
			var flying atomic.Int64
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test's dice
			dice := make(chan *rand.Rand, 1)
			dice <- random
			l := newLab(func(ctx context.Context, r *look.Request) look.Answer {
				if now := flying.Add(1); now > 2 {
					rt.Errorf("got %d looks at once, want two at most", now)
				}
				defer flying.Add(-1)
				random := <-dice
				hang, fail, took := random.IntN(100) < hangs, random.IntN(100) < fails, random.IntN(100)
				dice <- random
				switch {
				case hang:
					return reply{after: never}.await(ctx, r)
				case fail:
					return refused(time.Duration(took)*time.Millisecond).await(ctx, r)
				default:
					return answered(time.Duration(took)*time.Millisecond, 200).await(ctx, r)
				}
			})
			for _, at := range losses {
				time.AfterFunc(time.Duration(at)*time.Millisecond, func() { l.lost("shop/a", "local") })
			}
			from := monitor.At(time.Now())
			planned, err := l.runTwoSlots(&e)
			if err != nil {
				rt.Fatal(err)
			}
			for _, row := range l.rows() {
				if strings.Contains(row.Reason, "made because the check before it had no answer") {
					beside++
				}
			}
			inPlace(rt, l.rows(), monitor.DueIn(e.Key(), interval, from, from+1), planned)
		})
	})
	if beside == 0 {
		t.Error("got no second look in all these stories, want some")
	}
}
