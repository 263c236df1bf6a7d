package kafka_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// The faults of brokers are not parallel to anything: there is one broker.

// under has one consumer work off a load on the broker while the fault happens.
func under(t *testing.T, name string, fault func(b *book)) {
	t.Helper()
	underBy(t, plain(onBroker(t).Plain), name, fault)
}

// underBy is as under, with those who go by the settings.
func underBy(t *testing.T, settings kafka.Settings, name string, fault func(b *book)) {
	t.Helper()
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	b := newBook()
	stop := run(t, consumer(t, kafka.Options{
		Settings: settings, Topology: wiring, Sender: out, Log: testLog(t),
	}, map[string]events.Handler{"store": b.handle}))
	enough := b.load(t, out.Emit)
	b.more(t, 200)
	fault(b)
	enough()
	b.close(t, name)
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
}

func TestBrokerKilled(t *testing.T) {
	times := 1
	if *long {
		times = 5
	}
	under(t, "broker killed "+strconv.Itoa(times)+"×", func(b *book) {
		for range times {
			if err := running.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := running.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.more(t, 200)
		}
	})
}

func TestBrokerPaused(t *testing.T) {
	length := 5 * time.Second
	if *long {
		length = 20 * time.Second
	}
	under(t, "broker paused for "+length.String(), func(b *book) {
		if err := running.Pause(); err != nil {
			t.Fatal(err)
		}
		<-time.After(length) // the fault is that nothing answers for as long
		if err := running.Resume(); err != nil {
			t.Fatal(err)
		}
		b.more(t, 200)
	})
}

// TestBrokerAway has consumer and sender start before their broker does.
func TestBrokerAway(t *testing.T) {
	settings := plain(onBroker(t).Plain)
	wiring := own(t, settings, wired(true))
	if err := running.Stop(); err != nil {
		t.Fatal(err)
	}
	out := sender(t, settings, wiring.Topic)
	b := newBook()
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Log: testLog(t)},
		map[string]events.Handler{"store": b.handle}))
	if err := out.Emit(t.Context(), event("early", "1")); err == nil {
		t.Error("emit without a broker: got nil, want an error")
	}
	enough := b.load(t, out.Emit)
	if err := running.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.more(t, 200)
	enough()
	b.close(t, "broker away at the start")
}

// TestSlowHandler has one partition's handler wait for all others: each
// partition stands for itself, and none is taken away from who works on it.
func TestSlowHandler(t *testing.T) {
	t.Parallel()
	settings := plain(onBroker(t).Plain)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	b := newBook()
	var first sync.Once
	release := make(chan struct{})
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Log: testLog(t)},
		map[string]events.Handler{"store": func(ctx context.Context, in events.Event, emit events.Emit) error {
			if in.Key() == "0" {
				first.Do(func() { <-release })
			}
			return b.handle(ctx, in, emit)
		}}))
	enough := b.load(t, out.Emit)
	b.more(t, 1000)
	if b.mu.Lock(); b.last["0"] > 0 {
		t.Errorf("got event %d of the slow key, want it to wait", b.last["0"])
	}
	b.mu.Unlock()
	enough()
	close(release)
	b.close(t, "slow handler")
}
