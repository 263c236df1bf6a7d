package probe_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
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

// script is a look whose nth answer has the nth status; the last one stays.
func script(statuses ...int) probe.Look {
	var n atomic.Int64
	return func(context.Context, *look.Request) look.Answer {
		i := min(int(n.Add(1)), len(statuses)) - 1
		return look.Answer{Status: statuses[i]}
	}
}

func TestReportTimes(t *testing.T) {
	t.Parallel()
	bubble(t, "news leaves at once and takes the rest along, all else within two seconds", func(t *testing.T) {
		l := newLab(script(200, 200, 200, 200, 500, 500, 500, 500, 200, 200))
		due := slotOf(0, endpoint("a", time.Second))
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		waits := ""
		for _, s := range l.sent {
			for _, row := range s.data.Rows {
				wait := s.at.Sub(row.Due)
				switch {
				case wait <= 20*time.Millisecond:
					waits += "!"
				case wait <= probe.ReportEvery:
					waits += "."
				default:
					t.Errorf("got %s after %s, want %s at most", row.ID(), wait, probe.ReportEvery)
				}
			}
		}
		if got, want := waits[4:6]+waits[8:10], "!!!!"; got != want {
			t.Fatalf("got %s of %s, want the first two failures and the first two passes after them at once", got, waits)
		}
		if !strings.Contains(waits, ".") {
			t.Fatalf("got %s, want what is no news to wait", waits)
		}
	})
	bubble(t, "failures of many endpoints at once share an event", func(t *testing.T) {
		l := newLab(script(500))
		var all []monitor.Endpoint
		for i := range 40 {
			all = append(all, endpoint(strconv.Itoa(i), slot))
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		if len(l.sent) != 1 || len(l.rows()) != 40 {
			t.Fatalf("got %d events with %d results, want 1 with 40", len(l.sent), len(l.rows()))
		}
	})
}

// inShards returns a slot with one endpoint in each of so many shards.
func inShards(count int) events.ProbeDue {
	due := slotOf(0)
	for i := range count {
		e := endpoint(strconv.Itoa(i), time.Second)
		e.Alert.Recover = 0 // no pass is news
		due.Endpoints = append(due.Endpoints, events.DueEndpoint{
			Endpoint: &e, Shard: i, Due: monitor.DueIn(e.Key(), time.Second, due.Slot, due.Until),
		})
	}
	return due
}

func TestReportTurns(t *testing.T) {
	t.Parallel()
	const shards = 64
	bubble(t, "the shards take turns, within a slot and at its end", func(t *testing.T) {
		l := newLab(script(200))
		due := inShards(shards)
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		together, last := map[monitor.Instant]int{}, 0
		for _, s := range l.sent {
			together[s.at]++
			if s.at >= due.Until {
				last++
			}
		}
		if most := slices.Max(slices.Collect(maps.Values(together))); len(l.rows()) != 10*shards || most > shards/8 || last < shards/2 {
			t.Fatalf("got %d results, up to %d shards in one moment and %d after the slot, want %d, a few and most", len(l.rows()), most, last, 10*shards)
		}
	})
	bubble(t, "a stop waits for nobody's turn", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		l := newLab(script(200))
		began := time.Now()
		time.AfterFunc(slot, stop)
		if err := l.run(ctx, inShards(shards)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); len(l.rows()) != 10*shards || took > slot {
			t.Fatalf("got %d results after %s, want %d with the stop", len(l.rows()), took, 10*shards)
		}
	})
}

func TestReportOrder(t *testing.T) {
	t.Parallel()
	bubble(t, "one emit is in flight for a shard, and results keep their order over slots", func(t *testing.T) {
		l := newLab(script(200, 500, 200, 500, 500, 500, 200, 200, 200, 200, 500, 200, 500))
		var flying atomic.Int64
		l.refuse = func(events.Event) error {
			if flying.Add(1) != 1 {
				t.Error("got two emits of one shard at once")
			}
			time.Sleep(3 * time.Second) // a slow broker
			flying.Add(-1)
			return nil
		}
		var wait sync.WaitGroup
		for i := range 3 {
			due := slotOf(time.Duration(i)*slot, endpoint("a", time.Second))
			wait.Go(func() {
				if err := l.run(t.Context(), due); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		var last monitor.Instant
		for _, row := range l.rows() {
			if row.Due <= last {
				t.Fatalf("got %s behind %d, want due order", row.ID(), last)
			}
			last = row.Due
		}
		if got := len(l.rows()); got != 30 {
			t.Fatalf("got %d results, want 30", got)
		}
	})
	bubble(t, "event IDs are never used twice", func(t *testing.T) {
		l := newLab(script(500, 200))
		var wait sync.WaitGroup
		for part := range 4 {
			due := slotOf(0, endpoint("a"+strconv.Itoa(part), time.Second))
			due.Part = part
			wait.Go(func() { _ = l.run(t.Context(), due) })
		}
		wait.Wait()
		seen := map[string]bool{}
		for _, s := range l.sent {
			if seen[s.id] {
				t.Fatalf("got the ID %s twice", s.id)
			}
			seen[s.id] = true
			if s.key != "0" || !strings.Contains(s.id, "-0-local-") {
				t.Fatalf("got ID %s and key %s, want slot-shard-location-run-part and the shard", s.id, s.key)
			}
		}
	})
}

func TestReportFaults(t *testing.T) {
	t.Parallel()
	bubble(t, "what the broker does not take is kept and tried again", func(t *testing.T) {
		l := newLab(script(200))
		back := time.Now().Add(7 * time.Second)
		l.refuse = func(events.Event) error {
			if time.Now().Before(back) {
				return monitor.Errorf(monitor.Unavailable, "broker away")
			}
			return nil
		}
		if err := l.run(t.Context(), slotOf(0, endpoint("a", time.Second))); err != nil {
			t.Fatal(err)
		}
		if got, want := l.letters("shop/a"), "pppppppppp"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
	bubble(t, "a broker that stays away gives an error at the end of ctx, and the next round takes the results along", func(t *testing.T) {
		l := newLab(script(200))
		l.refuse = func(events.Event) error { return monitor.Errorf(monitor.Unavailable, "broker away") }
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := l.run(ctx, slotOf(0, endpoint("a", time.Second)))
		if !errors.Is(err, monitor.Unavailable) {
			t.Fatalf("got %v, want unavailable", err)
		}
		l.refuse = nil
		if err := l.run(t.Context(), slotOf(0, endpoint("a", time.Second))); err != nil {
			t.Fatal(err)
		}
		if got, want := len(l.rows()), 20; got != want {
			t.Fatalf("got %d results, want %d", got, want)
		}
	})
	bubble(t, "results that are refused for good do not hold up the others", func(t *testing.T) {
		l := newLab(script(200))
		var calls atomic.Int64
		l.refuse = func(events.Event) error {
			if calls.Add(1) == 1 {
				return monitor.Errorf(monitor.Invalid, "too strange")
			}
			return nil
		}
		if err := l.run(t.Context(), slotOf(0, endpoint("a", time.Second))); err != nil {
			t.Fatal(err)
		}
		if got := len(l.rows()); got == 0 || got == 10 {
			t.Fatalf("got %d results, want all but those of the first event", got)
		}
	})
	bubble(t, "while nothing can be reported, the newest results are kept", func(t *testing.T) {
		l := newLab(script(200))
		back := time.Now().Add(11 * time.Second)
		l.refuse = func(events.Event) error {
			if time.Now().Before(back) {
				return monitor.Errorf(monitor.Unavailable, "broker away")
			}
			return nil
		}
		var all []monitor.Endpoint
		for i := range 90 {
			all = append(all, endpoint(strconv.Itoa(i), 100*time.Millisecond))
		}
		due := slotOf(0, all...)
		if err := l.run(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		rows := l.rows()
		if len(rows) != probe.MaxBuffered || rows[len(rows)-1].Due != due.Until.Add(-100*time.Millisecond) {
			t.Fatalf("got %d results, want the newest %d", len(rows), probe.MaxBuffered)
		}
	})
}

func TestReportSize(t *testing.T) {
	t.Parallel()
	bubble(t, "no event is larger than allowed, whatever the results say", func(t *testing.T) {
		l := newLab(func(context.Context, *look.Request) look.Answer {
			return look.Answer{Fault: monitor.FaultProtocol, Reason: strings.Repeat("\x01<", 500), Took: 59 * time.Second}
		})
		var all []monitor.Endpoint
		for i := range 2500 {
			all = append(all, endpoint(fmt.Sprintf("%s%d", strings.Repeat("x", 90), i), slot))
		}
		l.refuse = func(event events.Event) error {
			data, err := event.Encoded()
			if err != nil || len(data) > events.MaxDataBytes {
				t.Errorf("got %d bytes, %v, want %d at most", len(data), err, events.MaxDataBytes)
			}
			return nil
		}
		if err := l.run(t.Context(), slotOf(0, all...)); err != nil {
			t.Fatal(err)
		}
		for _, s := range l.sent {
			if len(s.data.Rows) > events.MaxRows {
				t.Errorf("got %d results in an event, want %d at most", len(s.data.Rows), events.MaxRows)
			}
		}
		if got := len(l.rows()); got != 2500 {
			t.Fatalf("got %d results, want 2500", got)
		}
	})
}
