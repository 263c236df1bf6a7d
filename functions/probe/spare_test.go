package probe_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// slowed is a slot of an endpoint that has been down for so long and is checked
// at one in factor of its due times.
func slowed(e monitor.Endpoint, factor int, down time.Duration) events.ProbeDue {
	defined := e.Interval
	e.Interval *= monitor.Duration(factor)
	due := slotOf(0, e)
	due.Endpoints[0].Slowed = &events.Slowed{Interval: defined, Since: due.Slot.Add(-down)}
	return due
}

// TestSlowed is about endpoints that have been down for long.
func TestSlowed(t *testing.T) {
	t.Parallel()
	cautious := confirmed("a", 5*time.Second, 2)
	cautious.Alert.Recover = 4
	tests := map[string]struct {
		endpoint monitor.Endpoint
		look     probe.Look
		want     string
		spared   string // by the scheduled checks
	}{
		"failures go on as they are, and none needs to be confirmed": {
			confirmed("a", time.Second, 2), script(500), "sf0 sf4000", "33",
		},
		"a first pass is confirmed at once, not four intervals later": {
			confirmed("a", 2*time.Second, 2), script(200), "sp0 cp250", "3",
		},
		"as many are made as recover asks for, and slowness is no new beginning": {
			cautious, script(200, 200, 200, 200), "sp0 cp250 cp500 cp750", "3",
		},
		"a failure among them ends it": {
			cautious, script(200, 500, 200), "sp0 cf250", "3",
		},
		"an endpoint that fails and passes in turn is not checked without end": {
			confirmed("a", time.Second, 2), script(200, 500, 200, 500), "sp0 cf250 sp4000 cf4250", "33",
		},
		"nothing is in the way of a check that is due if the next slot has all of them": {
			confirmed("a", time.Second, 2), answer(450*time.Millisecond, 200), "sp0 sp4000", "30",
		},
		"with interval the next check is waited for": {
			endpoint("a", time.Second), script(200), "sp0 sp4000", "30",
		},
		"with recover 1 there is nothing to confirm": {
			func() monitor.Endpoint {
				e := confirmed("a", time.Second, 2)
				e.Alert.Recover = 1
				return e
			}(), script(200), "sp0 sp4000", "30",
		},
		"once it is back, nothing is spared, and a new failure is confirmed": {
			confirmed("a", time.Second, 2), script(200, 200, 500), "sp0 cp250 sf4000 cf4250", "30",
		},
	}
	for name, test := range tests {
		bubble(t, name, func(t *testing.T) {
			l := newLab(test.look)
			if err := l.run(t.Context(), slowed(test.endpoint, 4, time.Hour)); err != nil {
				t.Fatal(err)
			}
			spared := ""
			for _, row := range l.rows() {
				if row.Kind == monitor.Scheduled {
					spared += fmt.Sprint(row.Spared)
				} else if row.Spared != 0 {
					t.Errorf("got %d due times spared before a %s check, want none", row.Spared, row.Kind)
				}
			}
			if got := l.story("shop/a"); got != test.want || spared != test.spared {
				t.Errorf("got %s and %s due times spared, want %s and %s", got, spared, test.want, test.spared)
			}
		})
	}
}

func TestSlowedReasons(t *testing.T) {
	t.Parallel()
	reasons := func(t *testing.T, look probe.Look, down time.Duration) (said []string) {
		l := newLab(look)
		if err := l.run(t.Context(), slowed(confirmed("a", 2*time.Second, 2), 4, down)); err != nil {
			t.Fatal(err)
		}
		for _, row := range l.rows() {
			said = append(said, row.Reason)
		}
		return said
	}
	for down, want := range map[time.Duration]string{
		31 * time.Minute:             "30m",
		59 * time.Minute:             "50m",
		61 * time.Minute:             "1h",
		50*time.Hour + 7*time.Minute: "50h",
	} {
		bubble(t, "a failure says what its cadence is and why, after "+down.String(), func(t *testing.T) {
			want := "answered 500, want 200-299; checked every 8s instead of 2s, since it has been down for " + want
			if got := reasons(t, script(500), down); len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	bubble(t, "a pass says nothing of it, and the check that confirms it says what it is for", func(t *testing.T) {
		if got, want := reasons(t, script(200), time.Hour), "|made to confirm that the endpoint is back"; strings.Join(got, "|") != want {
			t.Errorf("got %q, want %s", got, want)
		}
	})
	bubble(t, "a check that fails then says so too", func(t *testing.T) {
		got := reasons(t, script(200, 500), time.Hour)
		if want := "answered 500, want 200-299; made to confirm that the endpoint is back"; got[len(got)-1] != want {
			t.Errorf("got %q, want %s", got, want)
		}
	})
}

// TestSlowedInvalid has events whose cadence makes no sense.
func TestSlowedInvalid(t *testing.T) {
	t.Parallel()
	for name, interval := range map[string]time.Duration{"nothing": 0, "more than that between due times": 5 * time.Second} {
		t.Run("an interval of "+name, func(t *testing.T) {
			t.Parallel()
			due := slowed(endpoint("a", time.Second), 4, time.Hour)
			due.Endpoints[0].Slowed.Interval = monitor.Duration(interval)
			if err := newLab(script(200)).run(t.Context(), due); monitor.CodeOf(err) != monitor.Invalid {
				t.Errorf("got %v, want Invalid", err)
			}
		})
	}
}
