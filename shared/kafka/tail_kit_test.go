package kafka_test

import (
	"context"
	"sync"
	"testing"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// everywhere runs a test on the broker in this process and on the real one.
func everywhere(t *testing.T, test func(t *testing.T, settings kafka.Settings)) {
	t.Helper()
	t.Run("kfake", func(t *testing.T) {
		t.Parallel()
		test(t, fake(t))
	})
	t.Run("broker", func(t *testing.T) {
		t.Parallel()
		test(t, plain(onBroker(t).Plain))
	})
}

func administer(t testing.TB, settings kafka.Settings) sarama.ClusterAdmin {
	t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	admin, err := sarama.NewClusterAdmin(settings.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}

// forget has a topic forget all but its newest records in each partition, as
// retention does.
func forget(t testing.TB, settings kafka.Settings, topic string, keep int64) {
	t.Helper()
	client, err := sarama.NewClient(settings.Brokers, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	before := map[int32]int64{}
	for partition := range int32(partitions) {
		newest, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
		if err != nil {
			t.Fatal(err)
		}
		if newest > keep {
			before[partition] = newest - keep
		}
	}
	if err := administer(t, settings).DeleteRecords(topic, before); err != nil && len(before) > 0 {
		t.Fatalf("delete records: %v", err)
	}
}

// forgetting emits to a topic that keeps the newest records only.
func forgetting(t testing.TB, settings kafka.Settings, topic string, emit events.Emit, keep int64) events.Emit {
	t.Helper()
	return func(ctx context.Context, out ...events.Event) error {
		if err := emit(ctx, out...); err != nil {
			return err
		}
		forget(t, settings, topic, keep)
		return nil
	}
}

// shown is an event that tails show.
func shown(id, key string) events.Event {
	return events.New(events.TypeProbeResults, events.Head{ID: id, Source: "test", Key: key}, &events.ProbeResults{})
}

// watch is a tail at work.
type watch struct {
	t    testing.TB
	all  chan events.Tailed
	stop func() error
	last string // the position of what was looked at last
}

// watchFrom follows the tail until the test ends.
func watchFrom(t testing.TB, tail events.Tail, position string) *watch {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{t: t, all: make(chan events.Tailed)}
	ended := make(chan error, 1)
	go func() {
		ended <- tail(ctx, position, func(next events.Tailed) {
			select {
			case w.all <- next:
			case <-ctx.Done():
			}
		})
	}()
	w.stop = sync.OnceValue(func() error {
		cancel()
		return receive(t, "the end of the tail", ended)
	})
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Errorf("tail: got %v, want nil", err)
		}
	})
	return w
}

// next returns the ID of what the tail shows next, or "resync".
func (w *watch) next() string {
	w.t.Helper()
	next := receive(w.t, "what the tail shows", w.all)
	w.last = next.Position
	if next.Resync {
		return "resync"
	}
	return next.Event.ID()
}

// some returns the next IDs.
func (w *watch) some(count int) (ids []string) {
	w.t.Helper()
	for range count {
		ids = append(ids, w.next())
	}
	return ids
}

// newest returns the position of what comes.
func newest(t testing.TB, tail events.Tail) string {
	t.Helper()
	w := watchFrom(t, tail, "?")
	if got := w.next(); got != "resync" {
		t.Fatalf("tail from no position: got %s, want a resync", got)
	}
	_ = w.stop()
	return w.last
}
