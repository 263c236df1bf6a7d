package standalone_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// TestDownForLong has the whole monitor watch an endpoint that is down for three
// quarters of an hour: it is checked less often, and that is said, drawn and
// counted as it is; and once it is back, that is known within moments. Its checks
// lie such that at some ticks the last one is nearly 40 seconds old.
func TestDownForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := monitor.At(time.Now())
		at := func(minute int) monitor.Instant { return begin.Add(time.Duration(minute) * time.Minute) }
		s := &shop{down: []spell{{from: at(5), to: at(50)}}}
		b := runInBubble(t, t.TempDir(), func(parts *standalone.Parts) {
			parts.Look, parts.Send = s.look, s.send
			parts.Defined = config.Definition{Endpoints: []monitor.Endpoint{{
				Namespace: "shop", ID: "lamp", HTTP: monitor.HTTP{URL: "http://cart.example", Method: "GET"},
				Interval: monitor.Duration(daySlot), Timeout: monitor.Duration(time.Second),
				Alert: monitor.Alert{After: 2, Recover: 2, Confirm: monitor.ConfirmQuick},
			}}}
		})
		for _, step := range []struct {
			minute int
			want   string
		}{{12, ""}, {20, "20s"}, {40, "40s"}, {52, ""}} {
			sleepUntil(at(step.minute))
			var one struct {
				Interval  string
				Effective string `json:"effective_interval"`
			}
			ask(t, b.client, "/api/v1/endpoints/shop/lamp", &one)
			if one.Interval != "10s" || one.Effective != step.want {
				t.Errorf("in minute %d: got an interval of %s, now %q, want 10s and %q", step.minute, one.Interval, one.Effective, step.want)
			}
		}
		sleepUntil(at(66)) // what was due until 60 is folded by then
		rows, err := b.store.Results(t.Context(), "shop/lamp", dayLocation, begin, at(60))
		if err != nil {
			t.Fatal(err)
		}
		assertPaces(t, rows, at)
		assertBack(t, b, rows)
		assertWeight(t, b, begin, at(60))
	})
}

// assertPaces holds the time between scheduled checks to how long it is down.
func assertPaces(t *testing.T, rows []monitor.Result, at func(int) monitor.Instant) {
	t.Helper()
	last := rows[0].Due
	for _, r := range rows[1:] {
		want := daySlot
		switch {
		case r.Kind != monitor.Scheduled:
			continue
		case r.Due > at(36) && r.Due < at(50):
			want = 4 * daySlot
		case r.Due > at(16) && r.Due < at(35):
			want = 2 * daySlot
		case r.Due > at(15) && r.Due < at(51):
			want = 0 // from one to the next
		}
		if want != 0 && r.Due.Sub(last) != want {
			t.Errorf("%s after the start: got a check %s after the one before, want %s", r.Due.Sub(at(0)), r.Due.Sub(last), want)
		}
		last = r.Due
	}
}

// assertBack holds the incident's end to the first pass, and the decision to the
// check that was made at once behind it.
func assertBack(t *testing.T, b bubbled, rows []monitor.Result) {
	t.Helper()
	incidents, err := b.store.Incidents(t.Context(), storage.IncidentFilter{Limit: 10})
	if err != nil || len(incidents) != 1 {
		t.Fatalf("got %d incidents and error %v, want 1", len(incidents), err)
	}
	for i := range rows {
		if rows[i].Outcome != monitor.Passed || rows[i].Due < incidents[0].Started {
			continue
		}
		steps := incidents[0].Timeline
		if decided := steps[len(steps)-1].Decided; incidents[0].Ended != rows[i].Due || len(steps) != 2 || decided.Sub(rows[i].Due) > time.Second {
			t.Errorf("got an end at %d, decided at %d in %d steps, want %d, within a second, and no other step than down and up",
				incidents[0].Ended, decided, len(steps), rows[i].Due)
		}
		return
	}
}

// assertWeight holds the uptime to what was down of the hour, and the chart to a
// cell for each minute.
func assertWeight(t *testing.T, b bubbled, from, to monitor.Instant) {
	t.Helper()
	var series struct {
		Cells   []any
		Summary struct{ Uptime float64 }
	}
	ask(t, b.client, fmt.Sprintf("/api/v1/endpoints/shop/lamp/series?from=%d&to=%d&points=60", from, to), &series)
	if up, want := series.Summary.Uptime, 15.0/60; up < want-0.02 || up > want+0.02 {
		t.Errorf("got an uptime of %v, want %v of the hour", up, want)
	}
	if len(series.Cells) != 60 {
		t.Errorf("got %d cells for 60 minutes: a minute without a check is a gap", len(series.Cells))
	}
}
