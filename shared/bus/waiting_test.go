package bus_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// counts counts what functions did, by word.
type counts struct {
	mu   sync.Mutex
	seen map[string]int
}

func (c *counts) add(word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	c.seen[word]++
}

func (c *counts) of(word string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[word]
}

// TestAway has notify hang for an hour: the ticks that it shares with store go
// on, so do the changes that alert tells again each minute, and its queue stays
// short.
func TestAway(t *testing.T) {
	t.Parallel()
	const shards, minutes, room = 64, 60, 200
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		notify := trigger("notify", true, events.TypeShardTick, events.TypeIncidentChanged)
		notify.Delivery.Retry, notify.Delivery.Linear = 200, true
		options := wired(trigger("store", true, events.TypeShardTick), notify)
		registry := prometheus.NewRegistry()
		options.Queue, options.Registry = room, registry
		b := bus.New(options)
		var done counts
		subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error {
			done.add("fold " + in.Key())
			return nil
		})
		subscribe(t, b, "notify", func(ctx context.Context, in events.Event, _ events.Emit) error {
			if time.Since(start) < minutes*time.Minute {
				<-ctx.Done()
				return ctx.Err()
			}
			done.add(in.ID())
			return nil
		})
		var emitting sync.WaitGroup
		for minute := range minutes {
			for shard := range shards {
				key := strconv.Itoa(shard)
				emitting.Go(func() { offer(b, 130*time.Second, tickOf(key, minute)) })
				emitting.Go(func() {
					offer(b, 10*time.Second, events.New(events.TypeIncidentChanged, events.Head{ID: "change-" + key, Source: "alert", Key: key}, &events.IncidentChanged{}))
				})
			}
			time.Sleep(time.Minute)
			if got := done.of("fold 7"); got != minute+1 {
				t.Fatalf("after %d minutes: got %d ticks at store, want one a minute", minute+1, got)
			}
			if got := depth(t, registry, "notify"); got > 2*shards {
				t.Fatalf("after %d minutes: got %v events waiting for notify, want %d at most", minute+1, got, 2*shards)
			}
		}
		time.Sleep(time.Hour)
		emitting.Wait()
		if got := depth(t, registry, "notify"); got != 0 {
			t.Errorf("got %v events left, want none", got)
		}
		for minute := range minutes {
			if got := done.of(tickOf("7", minute).ID()); got > 1 {
				t.Errorf("minute %d: got its tick %d times, want once at most", minute, got)
			}
		}
		offer(b, time.Minute, tickOf("7", minutes))
		if got := done.of(tickOf("7", minutes).ID()); got != 1 {
			t.Errorf("got the next tick %d times, want once", got)
		}
	})
}

func tickOf(key string, minute int) events.Event {
	head := events.Head{ID: strconv.Itoa(minute) + "-" + key, Source: "schedule", Key: key}
	return events.New(events.TypeShardTick, head, &events.ShardTick{})
}

func offer(b *bus.Bus, patience time.Duration, e events.Event) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = b.Emit(ctx, e)
}

func depth(t *testing.T, registry *prometheus.Registry, trigger string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "monitor_bus_queue_events" && m.GetLabel()[0].GetValue() == trigger {
				return m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("there is no depth of %s", trigger)
	return 0
}

// TestReturn is about a function whose events stay with who emitted them.
func TestReturn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err     error
		returns bool
	}{
		"what it is unavailable for goes back": {monitor.Errorf(monitor.Unavailable, "the disk is full"), true},
		"what it fails at is a dead letter":    {monitor.Errorf(monitor.Internal, "out of bounds"), false},
		"what is invalid is a dead letter":     {monitor.Errorf(monitor.Invalid, "no results"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, subscribe func(t *testing.T, b *bus.Bus)) {
				t.Helper()
				options := wired(trigger("store", true, kindTest))
				options.Return = []string{"store"}
				options.Topology.Triggers[0].Delivery.Delay = time.Millisecond
				var letters counts
				options.DeadLetter = func(context.Context, events.Event) error { letters.add("letter"); return nil }
				b := bus.New(options)
				subscribe(t, b)
				err := b.Emit(t.Context(), event("1", "a"))
				if buried := letters.of("letter") == 1; errors.Is(err, monitor.Unavailable) != test.returns || buried == test.returns {
					t.Errorf("got %v and dead letter: %v, want it to go back: %v", err, buried, test.returns)
				}
			}
			t.Run("in this process", func(t *testing.T) {
				t.Parallel()
				check(t, func(t *testing.T, b *bus.Bus) {
					t.Helper()
					subscribe(t, b, "store", func(context.Context, events.Event, events.Emit) error { return test.err })
				})
			})
			t.Run("over HTTP", func(t *testing.T) {
				t.Parallel()
				check(t, func(t *testing.T, b *bus.Bus) {
					t.Helper()
					answer := events.AnswerTo(test.err)
					function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Kne-Reason", answer.Reason)
						http.Error(w, answer.Text, answer.Status)
					}))
					t.Cleanup(function.Close)
					if err := b.SubscribeURL("store", function.URL); err != nil {
						t.Fatal(err)
					}
				})
			})
		})
	}
}
