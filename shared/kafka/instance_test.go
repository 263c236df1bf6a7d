package kafka_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// owners keeps who handled the newest event of each key. Each key of a test has
// a partition of its own.
type owners struct {
	mu    sync.Mutex
	named map[string]string
	round int
}

// by returns a handler that is the named member's.
func (o *owners) by(name string, handler events.Handler) map[string]events.Handler {
	return map[string]events.Handler{"store": func(ctx context.Context, in events.Event, emit events.Emit) error {
		o.mu.Lock()
		o.named[in.Key()] = name
		o.mu.Unlock()
		if handler == nil || strings.HasPrefix(in.ID(), asking) {
			return nil
		}
		return handler(ctx, in, emit)
	}}
}

// asking begins the IDs of events that ask who has a partition.
const asking = "who has "

// ask emits an event for each partition, and returns who handled them.
func (o *owners) ask(t *testing.T, out *kafka.Sender) map[string]string {
	t.Helper()
	o.mu.Lock()
	o.named = map[string]string{}
	o.mu.Unlock()
	o.round++
	for key := range partitions {
		emit(t, out, event(fmt.Sprintf("%s%d-%d", asking, key, o.round), strconv.Itoa(key)))
	}
	var now map[string]string
	until(t, "an event of each partition", 3*patience, func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		now = maps.Clone(o.named)
		return len(now) == partitions
	})
	return now
}

// settled asks until as many members have partitions, and then once more: the
// assignment that showed all of them is that of all partitions then.
func (o *owners) settled(t *testing.T, out *kafka.Sender, members int) map[string]string {
	t.Helper()
	until(t, "all members have partitions", 3*patience, func() bool {
		seen := map[string]bool{}
		for _, name := range o.ask(t, out) {
			seen[name] = true
		}
		return len(seen) == members
	})
	return o.ask(t, out)
}

// named are the settings of a process with a name.
func named(settings kafka.Settings, name string) kafka.Settings {
	settings.Instance = name
	return settings
}

// TestStatic restarts a member that has a name, under load: nobody else notices.
// The broker in this process rebalances where sticky members say what they had.
func TestStatic(t *testing.T) {
	t.Parallel()
	settings := plain(onBroker(t).Plain)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	o, b := &owners{}, newBook()
	member := func(name string) *kafka.Consumer {
		return consumer(t, kafka.Options{
			Settings: named(settings, name), Topology: wiring, Sender: out, Log: testLog(t),
		}, o.by(name, b.handle))
	}
	stays := member("pod-1")
	run(t, stays)
	stop := run(t, member("pod-0"))
	before := o.settled(t, out, 2)
	sessions := kafka.Sessions(stays, "store")
	enough := b.load(t, out.Emit)
	b.more(t, 200)
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	run(t, member("pod-0"))
	b.more(t, 200)
	enough()
	b.close(t, "a member with a name restarts")
	if after := o.ask(t, out); !maps.Equal(before, after) {
		t.Errorf("got partitions %v, want them as before: %v", after, before)
	}
	if got := kafka.Sessions(stays, "store"); got != sessions {
		t.Errorf("the other member: got %d sessions, want %d as before", got, sessions)
	}
}

// TestSameName has two live members of one name: the first says what is wrong,
// and leaves the work to the second until that has gone.
func TestSameName(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		wiring := own(t, settings, wired(true))
		out := sender(t, settings, wiring.Topic)
		o := &owners{}
		lines := &shared{}
		member := func(name string) *kafka.Consumer {
			return consumer(t, kafka.Options{
				Settings: named(settings, "pod-0"), Topology: wiring, Sender: out, Log: slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
			}, o.by(name, nil))
		}
		first := member("first")
		run(t, first)
		o.settled(t, out, 1)
		sessions := kafka.Sessions(first, "store")
		stop := run(t, member("second"))
		until(t, "the first member says what is wrong", 3*patience, func() bool {
			said := lines.String()
			return strings.Contains(said, "connecting anew") && strings.Contains(said, "another process is the member pod-0 of the group "+wiring.Broker+"-store: MONITOR_KAFKA_INSTANCE must have another value")
		})
		until(t, "the first member waits", 3*patience, func() bool {
			return strings.Count(lines.String(), "another process has the name of this member, waiting") >= 2
		})
		for key, name := range o.ask(t, out) {
			if name != "second" {
				t.Errorf("key %s: got it handled by the %s member, want the second", key, name)
			}
		}
		if got := kafka.Sessions(first, "store"); got != sessions {
			t.Errorf("the first member: got %d sessions, want %d as before", got, sessions)
		}
		if !*long {
			return
		}
		if err := stop(); err != nil {
			t.Errorf("stop: got %v, want nil", err)
		}
		if got := o.ask(t, out)["0"]; got != "first" {
			t.Errorf("once the name is free: got events handled by the %s member, want the first", got)
		}
	})
}

// TestSticky has a third member join two: what it does not get stays where it
// was.
func TestSticky(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, settings kafka.Settings) {
		wiring := own(t, settings, wired(true))
		out := sender(t, settings, wiring.Topic)
		o := &owners{}
		join := func(name string) {
			run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Log: testLog(t)}, o.by(name, nil)))
		}
		join("one")
		join("two")
		before := o.settled(t, out, 2)
		join("three")
		after := o.settled(t, out, 3)
		for key, name := range after {
			if name != "three" && name != before[key] {
				t.Errorf("partition %s: got it moved from %s to %s, want it to stay or to go to the new member", key, before[key], name)
			}
		}
	})
}
