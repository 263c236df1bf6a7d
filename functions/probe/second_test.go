package probe_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// reply is what comes of a look, and when.
type reply struct {
	after time.Duration
	look.Answer
}

// never comes.
const never = time.Hour

// await waits for the reply until the request's timeout or the end of ctx.
func (y reply) await(ctx context.Context, r *look.Request) look.Answer {
	timer := time.NewTimer(min(y.after, r.Timeout))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return look.Answer{Status: 200} // which nobody is to use
	case <-timer.C:
	}
	if y.after > r.Timeout {
		return look.Answer{Fault: monitor.FaultTimeout, Reason: "no answer", Took: r.Timeout}
	}
	y.Took = y.after
	return y.Answer
}

func answered(after time.Duration, status int) reply {
	return reply{after, look.Answer{Status: status}}
}

func refused(after time.Duration) reply {
	return reply{after, look.Answer{Fault: monitor.FaultRefused, Reason: "refused"}}
}

// practised returns a lab in which the endpoint has passed ten checks, whose
// looks come to first from then on, and to second over fresh connections.
func practised(t *testing.T, e monitor.Endpoint, first, second reply) *lab {
	t.Helper()
	l := newLab(answer(20*time.Millisecond, 200))
	e.Interval, e.Timeout = monitor.Duration(time.Second), max(e.Timeout, monitor.Duration(100*time.Millisecond))
	if err := l.run(t.Context(), slotOf(0, e)); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = nil
	l.look = func(ctx context.Context, r *look.Request) look.Answer {
		if r.Fresh {
			return second.await(ctx, r)
		}
		return first.await(ctx, r)
	}
	return l
}

func TestSecondLook(t *testing.T) {
	t.Parallel()
	with := func(change func(*monitor.Endpoint)) monitor.Endpoint {
		e := confirmed("a", 20*time.Second, 2)
		change(&e)
		return e
	}
	after := func(n int) monitor.Endpoint { return confirmed("a", 20*time.Second, n) }
	hung := reply{after: never}
	tests := map[string]struct {
		endpoint      monitor.Endpoint
		first, second reply
		want          string
		known         time.Duration // when the last row left, from the first due time
	}{
		"who answers at last passes, and the second look leaves nothing": {
			after(2), answered(600*time.Millisecond, 200), hung, "sp0", 9 * time.Second,
		},
		"so it does where the second one was answered before": {
			after(2), answered(600*time.Millisecond, 200), answered(time.Millisecond, 200), "sp0", 9 * time.Second,
		},
		"who refuses the second look is down before the timeout": {
			after(2), hung, refused(10 * time.Millisecond), "sf0 cf250", 270 * time.Millisecond,
		},
		"so is who answers it wrongly": {
			after(2), hung, answered(10*time.Millisecond, 503), "sf0 cf250", 270 * time.Millisecond,
		},
		"with after 1 as well": {
			after(1), hung, refused(10 * time.Millisecond), "sf0 cf250", 270 * time.Millisecond,
		},
		"who answers the second look alone has failed once": {
			after(2), hung, answered(30*time.Millisecond, 200), "sf0 cp250", 1010 * time.Millisecond,
		},
		"who answers neither is down a little after the timeout": {after(2), hung, hung, "sf0 cf250", 1260 * time.Millisecond},
		"a wrong answer is confirmed by the second look": {
			after(2), answered(700*time.Millisecond, 500), refused(900 * time.Millisecond), "sf0 cf250", 1160 * time.Millisecond,
		},
		"with after 3 a quick one follows":         {after(3), hung, hung, "sf0 cf250 cf1500", 2510 * time.Millisecond},
		"with after 1 the timeout has said enough": {after(1), hung, hung, "sf0", 1010 * time.Millisecond},
		"what says nothing of the endpoint confirms nothing": {
			after(2), hung, reply{10 * time.Millisecond, look.Answer{Fault: monitor.FaultObserver}}, "sf0 cu1250", 3260 * time.Millisecond,
		},
		"it can be switched off": {
			with(func(e *monitor.Endpoint) { e.Adaptive.FixedTimeout = true }), hung, refused(0), "sf0 cf1250", 1260 * time.Millisecond,
		},
		"with interval nothing is made in between": {
			with(func(e *monitor.Endpoint) { e.Alert.Confirm = monitor.ConfirmInterval }), hung, refused(0), "sf0", 1010 * time.Millisecond,
		},
		"what may change something is not sent beside itself": {
			with(func(e *monitor.Endpoint) { e.HTTP.Method = "POST" }), hung, refused(0), "sf0 cf1250", 1260 * time.Millisecond,
		},
		"nor is a body": {
			with(func(e *monitor.Endpoint) { e.HTTP.Body = "{}" }), hung, refused(0), "sf0 cf1250", 1260 * time.Millisecond,
		},
		"a short timeout leaves no time for it": {
			with(func(e *monitor.Endpoint) { e.Timeout = monitor.Duration(250 * time.Millisecond) }), hung, refused(0), "sf0 cf500", 510 * time.Millisecond,
		},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			l := practised(t, test.endpoint, test.first, test.second)
			due := slotOf(0, test.endpoint)
			if err := l.run(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			if got := l.story("shop/a"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := l.sent[len(l.sent)-1].at.Sub(due.Slot); got > test.known {
				t.Errorf("got it after %s, want it within %s", got, test.known)
			}
		})
	}
}

func TestSecondLookReasons(t *testing.T) {
	t.Parallel()
	reasons := func(t *testing.T, first, second reply) []string {
		e := confirmed("a", 20*time.Second, 2)
		l := practised(t, e, first, second)
		if err := l.run(t.Context(), slotOf(0, e)); err != nil {
			t.Fatal(err)
		}
		rows := l.rows()
		if len(rows) != 2 || rows[0].Outcome != monitor.Failed || rows[0].Fault != monitor.FaultTimeout || rows[1].Lateness() != 0 {
			t.Fatalf("got %+v, want a timeout and what confirms it", rows)
		}
		return []string{rows[0].Reason, rows[1].Reason, rows[0].Duration().String()}
	}
	bubble(t, "a check that is cut short says why", func(t *testing.T) {
		got := reasons(t, reply{after: never}, refused(40*time.Millisecond))
		want := []string{
			"no answer after 290ms, where 250ms is plenty; a second connection: refused",
			"refused; made because the check before it had no answer after 250ms", "290ms",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	bubble(t, "one whose second look was answered says that", func(t *testing.T) {
		got := reasons(t, reply{after: never}, answered(40*time.Millisecond, 200))
		want := []string{
			"no answer; a second connection was answered after 40ms",
			"made because the check before it had no answer after 250ms", "1s",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestSecondLookTimes(t *testing.T) {
	t.Parallel()
	hung := reply{after: never}
	bubble(t, "while little is known of an endpoint there is none", func(t *testing.T) {
		var passed atomic.Int64
		l := newLab(func(ctx context.Context, r *look.Request) look.Answer {
			if passed.Add(1) < probe.PaceLearns {
				return answered(time.Millisecond, 200).await(ctx, r)
			}
			return hung.await(ctx, r)
		})
		e := confirmed("a", time.Second, 3)
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = probe.PaceLearns
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got := l.story("shop/a"); !strings.HasSuffix(got, "sp6000 sf7000") {
			t.Errorf("got %s, want no second look", got)
		}
	})
	bubble(t, "the next check takes the place of one that is under way", func(t *testing.T) {
		e := confirmed("a", 1100*time.Millisecond, 2)
		l := practised(t, e, hung, hung)
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = 2
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got, want := l.story("shop/a"), "sf0 sf1100"; !strings.HasPrefix(got, want) || strings.Contains(got, "c250") {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	bubble(t, "who is down already has none", func(t *testing.T) {
		e := confirmed("a", 4*time.Second, 2)
		l := practised(t, e, hung, hung)
		var aside atomic.Int64
		looks := l.look
		l.look = func(ctx context.Context, r *look.Request) look.Answer {
			if r.Fresh {
				aside.Add(1)
			}
			return looks(ctx, r)
		}
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = 3
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got, want := l.story("shop/a"), "sf0 cf250 sf4000 sf8000"; got != want || aside.Load() != 1 {
			t.Errorf("got %s and %d looks aside, want %s and one", got, aside.Load(), want)
		}
	})
	bubble(t, "it has no scheduled check's due time", func(t *testing.T) {
		e := confirmed("a", 250*time.Millisecond, 1)
		l := practised(t, e, hung, refused(0))
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = 1
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got, want := l.story("shop/a"), "sf0 cf251"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	bubble(t, "at the end of a slot it is the next round's", func(t *testing.T) {
		e := confirmed("a", 9900*time.Millisecond, 2)
		l := practised(t, e, hung, hung)
		first, second := slotOf(-9900*time.Millisecond, e), slotOf(100*time.Millisecond, e)
		first.Endpoints[0].Due = monitor.Due{First: first.Slot.Add(9900 * time.Millisecond), Every: monitor.Duration(9900 * time.Millisecond), Count: 1}
		second.Endpoints[0].Due.Count = 0
		both(t, l, first, second)
		if got, want := l.story("shop/a"), "sf0 cf250"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestSecondLookStop(t *testing.T) {
	t.Parallel()
	e := confirmed("a", 20*time.Second, 2)
	stopped := func(t *testing.T, first reply, after time.Duration) (*lab, time.Duration, error) {
		long := e
		long.Timeout = monitor.Duration(time.Minute)
		l := practised(t, long, first, reply{after: never})
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(after, stop)
		began := time.Now()
		err := l.run(ctx, slotOf(0, long))
		return l, time.Since(began), err
	}
	bubble(t, "after a stop none begins", func(t *testing.T) {
		l, took, err := stopped(t, answered(time.Second, 500), 100*time.Millisecond)
		if got := l.story("shop/a"); got != "sf0" || took != time.Second || err != nil {
			t.Errorf("got %s and %v after %s, want the failure alone, after a second", got, err, took)
		}
	})
	bubble(t, "a stop cuts off both", func(t *testing.T) {
		l, took, err := stopped(t, reply{after: never}, time.Second)
		if got := l.story("shop/a"); got != "" || took != time.Second+probe.Drain || monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("got %q and %v after %s, want nothing, and the event again", got, err, took)
		}
	})
	bubble(t, "a stop cuts off one that goes on alone", func(t *testing.T) {
		l, took, err := stopped(t, answered(time.Second, 500), 2*time.Second)
		if got := l.story("shop/a"); got != "sf0" || took != 2*time.Second+probe.Drain || err != nil {
			t.Errorf("got %q and %v after %s, want the failure alone", got, err, took)
		}
	})
}

func TestSecondLooksAreFew(t *testing.T) {
	t.Parallel()
	bubble(t, "of each fleet that hangs 64 have one at once", func(t *testing.T) {
		const fleets, ships = 2, 100
		ship := func(fleet, n int, interval time.Duration) monitor.Endpoint {
			return confirmed(strconv.Itoa(fleet)+"-"+strconv.Itoa(n), interval, 2)
		}
		l := newLab(answer(20*time.Millisecond, 200))
		var all []monitor.Endpoint
		for n := range fleets * ships {
			all = append(all, ship(n/ships, n%ships, time.Second))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		l.look = reply{after: never}.await
		for fleet := range fleets {
			l.sent = nil
			var slow []monitor.Endpoint
			for n := range ships {
				slow = append(slow, ship(fleet, n, 20*time.Second))
			}
			due := slotOf(0, slow...)
			if err := l.run(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			beside, behind := 0, 0
			for _, row := range l.rows() {
				switch {
				case row.Kind != monitor.Confirm:
				case row.Due.Sub(due.Slot) == 250*time.Millisecond:
					beside++
				default:
					behind++
				}
			}
			if beside != 64 || behind != 36 {
				t.Errorf("got %d second looks and %d quick confirmations of a fleet, want 64 and 36", beside, behind)
			}
		}
	})
}
