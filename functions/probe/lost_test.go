package probe_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// watching returns an event for the slot that follows, in which the endpoints
// are not due, but watched.
func watching(endpoints ...monitor.Endpoint) events.ProbeDue {
	due := slotOf(0, endpoints...)
	for i := range due.Endpoints {
		due.Endpoints[i].Due = monitor.Due{First: due.Slot.Add(40 * time.Second), Every: due.Endpoints[i].Due.Every}
	}
	return due
}

func TestLost(t *testing.T) {
	t.Parallel()
	minute := confirmed("a", time.Minute, 1)
	tests := map[string]struct {
		endpoint monitor.Endpoint
		statuses []int
		losses   []int // ms from the slot's beginning
		want     string
		downs    int
	}{
		"a lost connection is followed by a check at once: who is gone is down before the next one is due": {
			minute, []int{200, 500}, []int{1234}, "sp0 lf1234", 1,
		},
		"with after 2 its failure is confirmed": {
			confirmed("a", time.Minute, 2), []int{200, 500}, []int{1234}, "sp0 lf1234 cf1490", 1,
		},
		"who is still there stays up, and may close connections until the next check": {
			minute, []int{200}, []int{1000, 1001, 5000, 9000}, "sp0 lp1000", 0,
		},
		"with each scheduled check it is watched again": {
			confirmed("a", 5*time.Second, 1), []int{200}, []int{1000, 1500, 6000, 6500}, "sp0 lp1000 sp5000 lp6000", 0,
		},
		"a failure in between changes nothing of that": {
			confirmed("a", time.Minute, 3), []int{200, 500, 200}, []int{1000, 1100, 2000}, "sp0 lf1000 cp1250", 0,
		},
		"a check that passes after it takes the place of the one that was to confirm": {
			confirmed("a", time.Minute, 3), []int{500, 200}, []int{100}, "sf0 lp100", 0,
		},
		"a loss in the moment of a check is of another one": {minute, []int{200}, []int{0}, "sp0 lp1", 0},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			l := newLab(script(test.statuses...))
			for _, at := range test.losses {
				time.AfterFunc(time.Duration(at)*time.Millisecond, func() {
					synctest.Wait() // what is due in this moment goes first
					l.lost("shop/a", "local")
				})
			}
			both(t, l, slotOf(0, test.endpoint), watching(test.endpoint))
			if got := l.story("shop/a"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := l.downs(test.endpoint); len(got) != test.downs {
				t.Errorf("got %d decisions that it is down, want %d", len(got), test.downs)
			}
		})
	}
}

func TestLostAside(t *testing.T) {
	t.Parallel()
	bubble(t, "the check after a loss has a connection of its own, and says why it was made", func(t *testing.T) {
		fresh := false
		l := newLab(func(_ context.Context, r *look.Request) look.Answer {
			if fresh = r.Fresh; !fresh {
				return look.Answer{Status: 200}
			}
			return look.Answer{Fault: monitor.FaultRefused, Reason: "nothing listens"}
		})
		time.AfterFunc(time.Second, func() { l.lost("shop/a", "local") })
		e := confirmed("a", time.Minute, 1)
		both(t, l, slotOf(0, e), watching(e))
		rows := l.rows()
		if len(rows) != 2 || !fresh || rows[1].Reason != "nothing listens; made because the endpoint had closed the connection" {
			t.Fatalf("got %+v, fresh: %v, want a second check that says why", rows, fresh)
		}
		if wait := l.sent[1].at.Sub(rows[1].Due); wait > 20*time.Millisecond {
			t.Errorf("got its result after %s, want at once", wait)
		}
	})
	bubble(t, "a loss while somebody looks is the look's own", func(t *testing.T) {
		l := newLab(answer(time.Second, 200))
		for _, at := range []time.Duration{500 * time.Millisecond, 2 * time.Second} {
			time.AfterFunc(at, func() { l.lost("shop/a", "local") })
		}
		e := confirmed("a", time.Minute, 1)
		both(t, l, slotOf(0, e), watching(e))
		if got := l.story("shop/a"); got != "sp0 lp2000" {
			t.Errorf("got %s, want the later loss to be followed: sp0 lp2000", got)
		}
	})
	bubble(t, "losses of what is in no round, or elsewhere, are nobody's", func(t *testing.T) {
		l := newLab(script(200))
		e := confirmed("a", time.Minute, 1)
		time.AfterFunc(time.Second, func() {
			l.lost("shop/a", "elsewhere")
			l.lost("shop/b", "local")
		})
		both(t, l, slotOf(0, e), watching(e))
		l.lost("shop/a", "local")
		synctest.Wait()
		if got := l.story("shop/a"); got != "sp0" {
			t.Errorf("got %s, want sp0", got)
		}
	})
	bubble(t, "a stop ends the watching", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := newLab(script(200))
		time.AfterFunc(time.Second, stop)
		began := time.Now()
		if err := l.run(ctx, watching(confirmed("a", time.Minute, 1))); err != nil || time.Since(began) != time.Second {
			t.Errorf("got %v after %s, want no error after a second", err, time.Since(began))
		}
		l.lost("shop/a", "local")
		synctest.Wait()
		if got := l.story("shop/a"); got != "" {
			t.Errorf("got %s, want nothing", got)
		}
	})
}

// TestExtrasKeepTheirPlace has looks fail and connections be lost at random.
// Whatever comes, each due time has its result, extra checks lie between them,
// no two have the same due time, and one is in flight.
func TestExtrasKeepTheirPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		interval := time.Duration(rapid.IntRange(100, 12_000).Draw(rt, "interval ms")) * time.Millisecond
		most := rapid.IntRange(0, 400).Draw(rt, "look ms")
		losses := rapid.SliceOfN(rapid.IntRange(0, 19_999), 0, 20).Draw(rt, "losses ms")
		e := confirmed("a", interval, rapid.IntRange(1, 5).Draw(rt, "after"))
		e.Adaptive.FixedTimeout = true
		synctest.Test(t, func(*testing.T) {
			var flying atomic.Int64
			random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test's dice
			l := newLab(func(context.Context, *look.Request) look.Answer {
				if flying.Add(1) != 1 {
					rt.Error("two looks at once")
				}
				defer flying.Add(-1)
				took := time.Duration(random.IntN(most+1)) * time.Millisecond
				time.Sleep(took)
				return look.Answer{Status: 200 + 300*random.IntN(2), Took: took}
			})
			for _, at := range losses {
				time.AfterFunc(time.Duration(at)*time.Millisecond, func() { l.lost("shop/a", "local") })
			}
			from := monitor.At(time.Now())
			planned, err := l.runTwoSlots(&e)
			if err != nil {
				rt.Fatal(err)
			}
			inPlace(rt, l.rows(), monitor.DueIn(e.Key(), interval, from, from+1), planned)
		})
	})
}

// inPlace holds the rows of an endpoint to their places among its due times.
func inPlace(rt *rapid.T, rows []monitor.Result, due monitor.Due, planned int) {
	seen := map[monitor.Instant]bool{}
	var last monitor.Instant
	scheduled := 0
	for _, row := range rows {
		if seen[row.Due] {
			rt.Fatalf("got two results that were due at %d", row.Due)
		}
		seen[row.Due] = true
		if row.Kind == monitor.Scheduled {
			scheduled++
		} else if next := due.After(row.Due - 1); row.Due == next || row.Start >= next {
			rt.Fatalf("got a %s check due %d that began at %d, want it before %d", row.Kind, row.Due, row.Start, next)
		}
		if row.Start != 0 {
			if row.Due <= last {
				rt.Fatalf("got a %s check due %s behind one of %s", row.Kind, strconv.Itoa(int(row.Due)), strconv.Itoa(int(last)))
			}
			last = row.Due
		}
	}
	if scheduled != planned {
		rt.Fatalf("got %d scheduled results, want %d", scheduled, planned)
	}
}
