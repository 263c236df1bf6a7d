package probe_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// confirmed is an endpoint whose failures are confirmed quickly.
func confirmed(id string, interval time.Duration, after int) monitor.Endpoint {
	e := endpoint(id, interval)
	e.Alert = monitor.Alert{After: after, Recover: 2, Confirm: monitor.ConfirmQuick}
	return e
}

// story returns what was seen of an endpoint, in the order in which it was
// reported: a letter for the kind (s, c for confirm, l for a lost connection, m
// for manual), one for the outcome, and the milliseconds from the first due time.
func (l *lab) story(key string) string {
	var steps []string
	var first monitor.Instant
	for _, row := range l.rows() {
		if row.Endpoint != key {
			continue
		}
		if first == 0 {
			first = row.Due
		}
		kind := map[monitor.Kind]string{
			monitor.Scheduled: "s", monitor.Confirm: "c", monitor.Connection: "l", monitor.Manual: "m",
		}[row.Kind]
		steps = append(steps, fmt.Sprintf("%s%c%d", kind, row.Outcome[0], row.Due.Sub(first).Milliseconds()))
	}
	return strings.Join(steps, " ")
}

// downs returns when the endpoint was decided to be down, by what was reported.
func (l *lab) downs(e monitor.Endpoint) (at []monitor.Instant) {
	state := monitor.NewState(e.Key())
	for _, row := range l.rows() {
		if row.Endpoint != e.Key() {
			continue
		}
		var change *monitor.Transition
		if state, change = state.Next(&row, e.Alert); change != nil && change.To == monitor.Down {
			at = append(at, change.Decided)
		}
	}
	return at
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	three := confirmed("a", 20*time.Second, 3)
	three.Alert.For = monitor.Duration(time.Second)
	patient := endpoint("a", 20*time.Second)
	patient.Alert.Confirm = monitor.ConfirmInterval
	tests := map[string]struct {
		endpoint monitor.Endpoint
		look     probe.Look
		want     string
		downs    int // decisions before the slot's end
	}{
		"a failure is confirmed, and the incident opens before the next check is due": {
			confirmed("a", 20*time.Second, 2), script(500), "sf0 cf250", 1,
		},
		"a blip opens nothing": {confirmed("a", 20*time.Second, 2), script(500, 200), "sf0 cp250", 0},
		"a pass ends the confirming": {
			confirmed("a", 20*time.Second, 4), script(500, 500, 200), "sf0 cf250 cp500", 0,
		},
		"with interval the next check is waited for":   {patient, script(500), "sf0", 0},
		"so it is where nothing is said":               {endpoint("a", 20*time.Second), script(500), "sf0", 0},
		"with after 1 there is nothing to confirm":     {confirmed("a", 20*time.Second, 1), script(500), "sf0", 1},
		"with after 5 four checks confirm":             {confirmed("a", 20*time.Second, 5), script(500), "sf0 cf250 cf500 cf750 cf1000", 1},
		"a minimum failing time asks for no more":      {three, script(500), "sf0 cf250 cf500", 0},
		"a failure that took long is confirmed behind": {confirmed("a", 20*time.Second, 2), answer(700*time.Millisecond, 500), "sf0 cf950", 1},
		"a pass is not confirmed":                      {confirmed("a", 20*time.Second, 2), script(200), "sp0", 0},
		"with the next check due, that one confirms": {
			confirmed("a", time.Second, 5), script(500, 500, 500, 500, 500, 200), "sf0 cf250 cf500 cf750 sf1000 sp2000 sp3000 sp4000 sp5000 sp6000 sp7000 sp8000 sp9000", 1,
		},
		"no check confirms that would take until the next one": {
			confirmed("a", 5*time.Second, 2), answer(2400*time.Millisecond, 500), "sf0 sf5000", 1,
		},
		"short intervals wait a quarter": {
			confirmed("a", 5*time.Second, 2), script(200, 500), "sp0 sf5000 cf5250", 1,
		},
		"an answer that says nothing confirms nothing": {
			confirmed("a", 20*time.Second, 3), func() probe.Look {
				looks := script(500, 0)
				return func(ctx context.Context, r *look.Request) look.Answer {
					answer := looks(ctx, r)
					if answer.Status == 0 {
						answer.Fault = monitor.FaultObserver
					}
					return answer
				}
			}(), "sf0 cu250", 0,
		},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			l := newLab(test.look)
			due := slotOf(0, test.endpoint)
			if err := l.run(t.Context(), due); err != nil {
				t.Fatal(err)
			}
			if got := l.story("shop/a"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := l.downs(test.endpoint); len(got) != test.downs {
				t.Errorf("got %d decisions that it is down, want %d", len(got), test.downs)
			}
		})
	}
}

func TestConfirmKinds(t *testing.T) {
	t.Parallel()
	bubble(t, "a confirming check is made over a connection of its own, and says why it was made", func(t *testing.T) {
		var fresh []bool
		l := newLab(func(_ context.Context, r *look.Request) look.Answer {
			fresh = append(fresh, r.Fresh)
			return look.Answer{Status: 500}
		})
		if err := l.run(t.Context(), slotOf(0, confirmed("a", 20*time.Second, 2))); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(fresh) != "[false true]" {
			t.Errorf("got fresh connections %v, want the second one only", fresh)
		}
		rows := l.rows()
		if got, want := rows[1].Reason, "answered 500, want 200-299; made to confirm a failure"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if rows[0].Reason != "answered 500, want 200-299" || rows[1].Lateness() != 0 {
			t.Errorf("got %q and %s late, want the plain reason and none", rows[0].Reason, rows[1].Lateness())
		}
	})
	bubble(t, "manual failures are not confirmed", func(t *testing.T) {
		l := newLab(script(500))
		due := slotOf(0, confirmed("a", 20*time.Second, 2))
		due.Kind = monitor.Manual
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got := l.story("shop/a"); got != "mf0" {
			t.Errorf("got %s, want mf0", got)
		}
	})
	bubble(t, "short intervals are confirmed after a quarter", func(t *testing.T) {
		l := newLab(script(500, 500, 200))
		if err := l.run(t.Context(), slotOf(0, confirmed("a", 400*time.Millisecond, 2))); err != nil {
			t.Fatal(err)
		}
		if got := l.story("shop/a"); !strings.HasPrefix(got, "sf0 cf100 sp400 ") {
			t.Errorf("got %s, want the confirmation after 100 ms", got)
		}
	})
	bubble(t, "a confirming check that waits for its turn until the next one is due is not made", func(t *testing.T) {
		l := newLab(func(_ context.Context, r *look.Request) look.Answer {
			if r.Endpoint == "shop/b" {
				time.Sleep(1200 * time.Millisecond) // nobody else can look
				return look.Answer{Status: 200}
			}
			return look.Answer{Status: 500}
		})
		l.start(1)
		due := slotOf(0, confirmed("a", time.Second, 2), endpoint("b", 20*time.Second))
		due.Endpoints[0].Due.Count = 1 // the next one is another event's
		due.Endpoints[1].Due.First = due.Slot.Add(100 * time.Millisecond)
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got := l.story("shop/a"); got != "sf0" {
			t.Errorf("got %s, want the next scheduled check to confirm", got)
		}
	})
}

func TestConfirmRounds(t *testing.T) {
	t.Parallel()
	bubble(t, "a failure at the end of a slot is confirmed in the round that is at work by then", func(t *testing.T) {
		l := newLab(script(200, 500))
		e := confirmed("a", 9900*time.Millisecond, 2)
		first, second := slotOf(0, e), slotOf(slot, e)
		first.Endpoints[0].Due.Count = 2
		second.Endpoints[0].Due.First = first.Slot.Add(2 * 9900 * time.Millisecond)
		both(t, l, first, second)
		if got, want := l.story("shop/a"), "sp0 sf9900 cf10150 sf19800"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	bubble(t, "where there is none, the next check confirms, and the round ends in its time", func(t *testing.T) {
		l := newLab(script(200, 500))
		e := confirmed("a", 9900*time.Millisecond, 2)
		due := slotOf(0, e)
		due.Endpoints[0].Due.Count = 2
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got, want := l.story("shop/a"), "sp0 sf9900"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// both handles two events at once.
func both(t *testing.T, l *lab, all ...events.ProbeDue) {
	t.Helper()
	var wait sync.WaitGroup
	for _, due := range all {
		wait.Go(func() {
			if err := l.run(t.Context(), due); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestConfirmStop(t *testing.T) {
	t.Parallel()
	stopped := func(t *testing.T, look probe.Look, after time.Duration) (l *lab, took time.Duration) {
		ctx, stop := context.WithCancel(t.Context())
		l = newLab(look)
		time.AfterFunc(after, stop)
		began := time.Now()
		if err := l.run(ctx, slotOf(0, confirmed("a", 20*time.Second, 5))); err != nil {
			t.Fatalf("got %v, want no error: no due time is left", err)
		}
		return l, time.Since(began)
	}
	bubble(t, "a stop before a confirming check leaves it out", func(t *testing.T) {
		l, took := stopped(t, script(500), 350*time.Millisecond)
		if got := l.story("shop/a"); got != "sf0 cf250" || took > time.Second {
			t.Errorf("got %s after %s, want sf0 cf250 within a second", got, took)
		}
	})
	bubble(t, "one that is in flight ends, and is the last", func(t *testing.T) {
		l, took := stopped(t, answer(time.Second, 500), 1500*time.Millisecond)
		if got := l.story("shop/a"); got != "sf0 cf1250" || took > 3*time.Second {
			t.Errorf("got %s after %s, want sf0 cf1250 within three seconds", got, took)
		}
	})
	bubble(t, "one that hangs is cut off and leaves no result", func(t *testing.T) {
		var looks atomic.Int64
		l, took := stopped(t, func(ctx context.Context, _ *look.Request) look.Answer {
			if looks.Add(1) > 1 {
				<-ctx.Done()
			}
			return look.Answer{Status: 500}
		}, time.Second)
		if got := l.story("shop/a"); got != "sf0" || took != time.Second+probe.Drain {
			t.Errorf("got %s after %s, want sf0 after %s", got, took, time.Second+probe.Drain)
		}
	})
}
