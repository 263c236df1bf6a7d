package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

const kindTest = "monitor.test.v1"

func trigger(function string, ordered bool, kinds ...string) topology.Trigger {
	return topology.Trigger{
		Name: function, Subscriber: topology.Ref{Kind: topology.Service, Name: function},
		Filter: topology.ByType(kinds...), Ordered: ordered,
		Delivery: topology.Delivery{Retry: 3, Delay: time.Second, Timeout: time.Minute},
	}
}

func wired(triggers ...topology.Trigger) bus.Options {
	return bus.Options{
		Topology:   topology.Topology{Triggers: triggers},
		DeadLetter: func(context.Context, events.Event) error { return nil },
	}
}

func ticking(o bus.Options, every time.Duration) bus.Options {
	o.Topology.Ticks = []topology.Tick{{
		Name: "tick", Source: "/pingsources/tick", ContentType: "application/json", Data: []byte("{}"),
		Schedule: cron.ConstantDelaySchedule{Delay: every},
	}}
	return o
}

func subscribe(t testing.TB, b *bus.Bus, function string, handler events.Handler) {
	t.Helper()
	if err := b.Subscribe(function, handler); err != nil {
		t.Fatalf("subscribe %s: %v", function, err)
	}
}

func event(id, key string) events.Event {
	return events.New(kindTest, events.Head{ID: id, Source: "test", Key: key}, &struct {
		Text string `json:"text"`
	}{id})
}

func ok(context.Context, events.Event, events.Emit) error { return nil }

// log keeps lines in the order in which they came.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}
