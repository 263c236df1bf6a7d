package probe_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestCrewHosts holds a crew to the limit of each host: nobody waits for a host
// that has room while a worker is free, and each host is served in order.
func TestCrewHosts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		limit, perHost := rapid.IntRange(1, 8).Draw(rt, "limit"), rapid.IntRange(1, 4).Draw(rt, "per host")
		takes := rapid.SliceOfN(rapid.IntRange(0, 500), 1, 60).Draw(rt, "takes")
		var faults []string
		synctest.Test(t, func(*testing.T) {
			const hosts = 3
			var mu sync.Mutex
			made, came := [hosts][]int{}, [hosts]int{}
			var running [hosts]int
			crew := probe.NewCrewFor(limit, perHost, func(number int) string { return fmt.Sprint(number % hosts) }, func(number int) {
				mu.Lock()
				made[number%hosts] = append(made[number%hosts], number)
				running[number%hosts]++
				mu.Unlock()
				time.Sleep(time.Duration(takes[number]) * time.Millisecond)
				mu.Lock()
				running[number%hosts]--
				mu.Unlock()
			})
			judge := func() {
				synctest.Wait()
				mu.Lock()
				defer mu.Unlock()
				all := running[0] + running[1] + running[2]
				for host := range hosts {
					waits := len(made[host]) < came[host]
					switch {
					case running[host] > perHost || all > limit:
						faults = append(faults, fmt.Sprintf("%v run at once", running))
					case waits && running[host] < perHost && all < limit:
						faults = append(faults, fmt.Sprintf("one of host %d waits, and %v run", host, running))
					case !slices.IsSorted(made[host]):
						faults = append(faults, fmt.Sprintf("made in the order %v", made[host]))
					}
				}
			}
			for number := range takes {
				mu.Lock()
				came[number%hosts]++
				mu.Unlock()
				crew.Take(number)
				if takes[number]%3 == 0 {
					time.Sleep(time.Duration(takes[number]) * time.Millisecond / 4)
				}
				judge()
			}
			for range 60 {
				time.Sleep(500 * time.Millisecond)
				judge()
			}
			if got := len(made[0]) + len(made[1]) + len(made[2]); got != len(takes) {
				faults = append(faults, fmt.Sprintf("%d made, want %d", got, len(takes)))
			}
		})
		if len(faults) > 0 {
			rt.Fatalf("got %q", faults)
		}
	})
}

// hostLoad counts the looks at each host.
type hostLoad struct {
	mu            sync.Mutex
	running, most map[string]int
}

func (h *hostLoad) look(takes map[string]time.Duration) probe.Look {
	h.running, h.most = map[string]int{}, map[string]int{}
	return func(_ context.Context, r *look.Request) look.Answer {
		host := strings.TrimPrefix(r.URL, "http://")
		h.add(host, 1)
		defer h.add(host, -1)
		time.Sleep(takes[host])
		return look.Answer{Status: 200, Took: takes[host]}
	}
}

func (h *hostLoad) add(host string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running[host] += n
	h.most[host] = max(h.most[host], h.running[host])
}

func at(host, id string, interval time.Duration) monitor.Endpoint {
	e := endpoint(id, interval)
	e.HTTP.URL = "http://" + host
	return e
}

func TestProbeHosts(t *testing.T) {
	t.Parallel()
	bubble(t, "a slow host delays its own checks only, and holds few of the workers", func(t *testing.T) {
		var load hostLoad
		l := newLab(load.look(map[string]time.Duration{"slow.example": 5 * time.Second, "quick.example": time.Millisecond}))
		l.startFor(25, 20)
		var all []monitor.Endpoint
		for i := range 200 {
			all = append(all, at("slow.example", fmt.Sprint("slow", i), time.Second))
		}
		for i := range 5 {
			all = append(all, at("quick.example", fmt.Sprint("quick", i), time.Second))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		if got := load.most["slow.example"]; got != 20 {
			t.Errorf("got %d looks at the slow host at once, want 20", got)
		}
		rows := map[string]int{}
		for _, row := range l.rows() {
			rows[row.Endpoint]++
			quick := strings.Contains(row.Endpoint, "quick")
			if quick && (row.Outcome != monitor.Passed || row.Lateness() > 0) {
				t.Fatalf("got %s %q %s late at the quick host, want a pass on time", row.Outcome, row.Reason, row.Lateness())
			}
			if row.Outcome == monitor.OutcomeUnknown && (row.Reason == "" || row.Start != 0 || row.Fault != monitor.FaultSkipped && row.Fault != monitor.FaultOverrun) {
				t.Fatalf("got %+v, want a check that was not made to say so", row)
			}
		}
		for key, count := range rows {
			if count != 10 {
				t.Errorf("got %d results of %s, want one for each due time", count, key)
			}
		}
		if len(rows) != len(all) {
			t.Errorf("got results of %d endpoints, want %d", len(rows), len(all))
		}
	})
	bubble(t, "0 is no limit", func(t *testing.T) {
		var load hostLoad
		l := newLab(load.look(map[string]time.Duration{"shop.example": 500 * time.Millisecond}))
		l.startFor(1000, 0)
		var all []monitor.Endpoint
		for i := range 300 {
			all = append(all, at("shop.example", fmt.Sprint(i), time.Second))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		if got := load.most["shop.example"]; got != 300 {
			t.Fatalf("got %d looks at once, want 300", got)
		}
	})
	bubble(t, "looks through one proxy count together, whatever their hosts are", func(t *testing.T) {
		var load hostLoad
		slow := load.look(map[string]time.Duration{"one": time.Second})
		l := newLab(func(ctx context.Context, r *look.Request) look.Answer {
			return slow(ctx, &look.Request{URL: "http://one"})
		})
		l.startFor(1000, 3)
		var all []monitor.Endpoint
		for i := range 9 {
			e := at(fmt.Sprintf("%d.example", i), fmt.Sprint(i), slot)
			e.HTTP.Proxy = "http://proxy.example:3128"
			all = append(all, e)
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		if got := load.most["one"]; got != 3 || len(l.rows()) != 9 {
			t.Fatalf("got %d looks at once of %d, want 3 of 9", got, len(l.rows()))
		}
	})
}

// TestProbeTurns holds endpoints to taking turns where there is no time for all
// of their checks: none is left with less than half of what another gets.
func TestProbeTurns(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]time.Duration{
		"looks of half an interval": 509 * time.Millisecond, "looks of nearly five": 4951 * time.Millisecond,
		"looks of five and more": 5059 * time.Millisecond,
	} {
		for limited, limits := range map[string][2]int{"one host": {1000, 1}, "the process": {1, 1000}} {
			bubble(t, name+" at "+limited, func(t *testing.T) {
				var load hostLoad
				l := newLab(load.look(map[string]time.Duration{"shop.example": takes}))
				l.startFor(limits[0], limits[1])
				made := map[string]int{}
				var rounds sync.WaitGroup
				for i := range 30 { // slots
					due := slotOf(time.Duration(i) * slot)
					for n := range 6 {
						one := slotOf(time.Duration(i)*slot+time.Duration(n)*170*time.Millisecond, at("shop.example", fmt.Sprint(n), time.Second))
						due.Endpoints = append(due.Endpoints, one.Endpoints...)
					}
					rounds.Go(func() {
						if err := l.run(t.Context(), due); err != nil {
							t.Error(err)
						}
					})
				}
				rounds.Wait()
				whose := map[bool]string{true: " against shop.example", false: ""}[limits[1] == 1]
				named := 0
				for _, row := range l.rows() {
					if strings.HasPrefix(row.Reason, "not made: as many checks as may run at once"+whose+" were running") {
						named++
					}
					if row.Outcome == monitor.Passed {
						made[row.Endpoint]++
					}
					if row.Lateness() >= time.Second {
						t.Fatalf("got a check %s late, want it skipped", row.Lateness())
					}
				}
				if named < len(l.rows())/3 {
					t.Errorf("got %d checks that say whose limit they met, want most of those that were not made", named)
				}
				counts := slices.Collect(maps.Values(made))
				if len(counts) != 6 || 2*slices.Min(counts) < slices.Max(counts) {
					t.Fatalf("got %v checks made, want about the same of each", made)
				}
				if rows := len(l.rows()); rows != 30*6*10 {
					t.Fatalf("got %d results, want one for each due time", rows)
				}
			})
		}
	}
}

// TestProbeLinesStop has a call stopped whose check waits behind that of another
// one, which goes on.
func TestProbeLinesStop(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string][2]int{"of a host": {1000, 1}, "of the process": {1, 0}} {
		bubble(t, "what waits in the line "+name+" is left to the event when it comes again", func(t *testing.T) {
			l := newLab(answer(time.Hour, 200))
			l.startFor(limits[0], limits[1])
			var other sync.WaitGroup
			other.Go(func() {
				if err := l.run(t.Context(), slotOf(0, at("shop.example", "a", slot))); err != nil {
					t.Error(err)
				}
			})
			due := slotOf(100*time.Millisecond, at("shop.example", "b", 24*time.Hour))
			due.Endpoints[0].Due = monitor.Due{First: due.Slot, Every: monitor.Duration(24 * time.Hour), Count: 1}
			ctx, stop := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, stop)
			began := time.Now()
			if err := l.run(ctx, due); monitor.CodeOf(err) != monitor.Unavailable || time.Since(began) > time.Second {
				t.Errorf("got %v after %s, want the event again at once", err, time.Since(began))
			}
			if err := l.run(t.Context(), due); err != nil || l.letters("shop/b") != "p" {
				t.Errorf("got %q and %v, want the check made when it is its turn", l.letters("shop/b"), err)
			}
			other.Wait()
		})
	}
}

// TestProbeHostsAside holds second looks to the limit of their host as well.
func TestProbeHostsAside(t *testing.T) {
	t.Parallel()
	for room, want := range map[int]string{1: "sf0 cf1250 sf5000", 2: "sf0 cf250 sf5000"} {
		bubble(t, fmt.Sprint("a host with room for ", room), func(t *testing.T) {
			l := newLab(answer(20*time.Millisecond, 200))
			l.startFor(1000, room)
			e := confirmed("a", time.Second, 2)
			if err := l.run(t.Context(), slotOf(0, e)); err != nil {
				t.Fatal(err)
			}
			l.sent = nil
			var load atomic.Int64
			l.look = func(ctx context.Context, r *look.Request) look.Answer {
				if now := load.Add(1); now > int64(room) {
					t.Errorf("got %d looks at once, want %d at most", now, room)
				}
				defer load.Add(-1)
				return reply{after: never}.await(ctx, r)
			}
			e = confirmed("a", 5*time.Second, 2)
			if err := l.run(t.Context(), slotOf(0, e)); err != nil {
				t.Fatal(err)
			}
			if got := l.story("shop/a"); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	bubble(t, "who waits for the host is let in when one is over", func(t *testing.T) {
		e, other := confirmed("a", time.Second, 2), confirmed("b", time.Second, 2)
		l := newLab(answer(20*time.Millisecond, 200))
		l.startFor(1000, 2)
		if err := l.run(t.Context(), slotOf(0, e)); err != nil {
			t.Fatal(err)
		}
		l.sent = nil
		l.look = func(ctx context.Context, r *look.Request) look.Answer {
			if r.Endpoint == "shop/a" && !r.Fresh {
				return reply{after: never}.await(ctx, r)
			}
			return answered(350*time.Millisecond, 200).await(ctx, r)
		}
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = 1
		late := slotOf(400*time.Millisecond, other)
		late.Endpoints[0].Due = monitor.Due{First: late.Slot, Every: due.Endpoints[0].Due.Every, Count: 1}
		both(t, l, due, late)
		for _, row := range l.rows() {
			if row.Endpoint == "shop/b" && row.Lateness() != 200*time.Millisecond {
				t.Errorf("got it %s late, want 200ms: until the second look was over", row.Lateness())
			}
		}
		if got := l.story("shop/b"); got != "sp0" {
			t.Errorf("got %q, want a pass", got)
		}
	})
}
