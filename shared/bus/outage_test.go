package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Write takes a line of a logger.
func (l *log) Write(line []byte) (int, error) {
	l.add(string(line))
	return len(line), nil
}

// told returns level, message and number of others of each line.
func (l *log) told() []string {
	var told []string
	for _, line := range l.all() {
		_, line, _ = strings.Cut(line, "level=")
		level, line, _ := strings.Cut(line, " ")
		message, rest, _ := strings.Cut(strings.TrimPrefix(line, `msg="`), `"`)
		if _, others, found := strings.Cut(rest, "others="); found {
			message += " +" + strings.TrimSpace(others)
		}
		told = append(told, level+" "+message)
	}
	return told
}

// outage is a bus with a function that is there or not.
type outage struct {
	bus   *bus.Bus
	lines log
	away  atomic.Bool
}

// inOutage runs the test with a function to which events go back that it is
// unavailable for, in a bubble.
func inOutage(t *testing.T, test func(t *testing.T, o *outage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outage{}
		options := wired(trigger("store", true, kindTest))
		options.Return, options.Log = []string{"store"}, slog.New(slog.NewTextHandler(&o.lines, nil))
		o.bus = bus.New(options)
		subscribe(t, o.bus, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
			if o.away.Load() || in.ID() == "unlucky" {
				return monitor.Errorf(monitor.Unavailable, "away")
			}
			if in.ID() == "bad" {
				return monitor.Errorf(monitor.Invalid, "no good")
			}
			return nil
		})
		run(t, o.bus)
		test(t, o)
	})
}

// emit emits events of as many keys at once, each until it is taken.
func (o *outage) emit(t *testing.T, keys int) {
	t.Helper()
	for key := range keys {
		go func() {
			for o.bus.Emit(t.Context(), event(fmt.Sprint("event", key), fmt.Sprint(key))) != nil && t.Context().Err() == nil {
				<-time.After(time.Second)
			}
		}()
	}
	synctest.Wait()
}

func pass(length time.Duration) {
	<-time.After(length)
	synctest.Wait()
}

func TestOutage(t *testing.T) {
	t.Parallel()
	const (
		first = "WARN event will be tried again"
		over  = "INFO no event waits for another try any more"
		dead  = "WARN event became a dead letter"
	)
	t.Run("many events that wait for one function make one line, and one when it is back", func(t *testing.T) {
		inOutage(t, func(t *testing.T, o *outage) {
			o.away.Store(true)
			o.emit(t, 20)
			pass(2 * time.Second)
			o.away.Store(false)
			pass(10 * time.Second)
			if diff := cmp.Diff([]string{first}, o.lines.told()); diff != "" {
				t.Errorf("lines before it has worked for a minute (-want +got):\n%s", diff)
			}
			pass(time.Minute)
			o.emit(t, 1)
			if diff := cmp.Diff([]string{first, over + " +19"}, o.lines.told()); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("an hour without it makes a few lines, which count what is not told", func(t *testing.T) {
		inOutage(t, func(t *testing.T, o *outage) {
			o.away.Store(true)
			o.emit(t, 20)
			pass(time.Hour)
			told := o.lines.told()
			if len(told) < 8 || len(told) > 10 || told[0] != first || !strings.Contains(told[1], " +") {
				t.Errorf("got\n%s\nwant 8 to 10 lines, from the second on with the number of others", strings.Join(told, "\n"))
			}
			o.away.Store(false)
			pass(2 * time.Minute)
			o.emit(t, 1)
			if got := o.lines.told(); len(got) != len(told)+1 || !strings.HasPrefix(got[len(told)], over) {
				t.Errorf("got\n%s\nwant one line more, that it is over", strings.Join(got, "\n"))
			}
		})
	})
	t.Run("events that it handles in between make no line more", func(t *testing.T) {
		inOutage(t, func(t *testing.T, o *outage) {
			for range 3 {
				_ = o.bus.Emit(t.Context(), event("unlucky", "unlucky"))
				o.emit(t, 1)
				pass(time.Second)
			}
			if diff := cmp.Diff([]string{first}, o.lines.told()); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			pass(time.Minute)
			o.emit(t, 1)
			if diff := cmp.Diff([]string{first, over + " +2"}, o.lines.told()); diff != "" {
				t.Errorf("lines a minute after the last (-want +got):\n%s", diff)
			}
		})
	})
	t.Run("a lone event that nobody can handle is told of, before and after an outage", func(t *testing.T) {
		inOutage(t, func(t *testing.T, o *outage) {
			emit := func(id string) { _ = o.bus.Emit(t.Context(), event(id, id)) }
			emit("unlucky")
			pass(2 * time.Minute)
			o.emit(t, 5)
			o.away.Store(true)
			o.emit(t, 2)
			o.away.Store(false)
			pass(2 * time.Minute)
			o.emit(t, 1)
			emit("unlucky")
			emit("bad")
			want := []string{first, first, over + " +1", first, dead}
			if diff := cmp.Diff(want, o.lines.told()); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	})
}
