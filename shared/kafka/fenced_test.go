package kafka_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// fence refuses producers. It is used by one broker at a time.
type fence struct {
	mu      sync.Mutex
	code    int16
	seen    map[int64]bool
	refused map[int64]bool
	every   int // refuses one request of as many, of whatever producer; 0: none
	count   int
	turned  int // requests of producers that are refused for ever
}

// now refuses, from now on and for ever, the producers that have sent something.
func (f *fence) now() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range f.seen {
		f.refused[id] = true
	}
	if len(f.refused) == 0 {
		panic("no producer has sent anything")
	}
}

// often refuses one request of as many.
func (f *fence) often(requests int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.every = requests
}

func (f *fence) turnedAway() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.turned
}

func (f *fence) refuses(request kmsg.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	refused := f.every > 0 && f.count%f.every == 0
	produce, _ := request.(*kmsg.ProduceRequest)
	for _, topic := range produce.Topics {
		for _, partition := range topic.Partitions {
			var batch kmsg.RecordBatch
			if err := batch.ReadFrom(partition.Records); err != nil {
				continue
			}
			f.seen[batch.ProducerID] = true
			if f.refused[batch.ProducerID] {
				f.turned++
				refused = true
			}
		}
	}
	return refused
}

// TestFenced has the broker refuse the producer itself, while events are sent:
// another producer takes its place, and none of them is lost or overtaken.
func TestFenced(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int16{
		"out of order sequence": 45,
		"invalid epoch":         47,
		"invalid producer's ID": 49,
		"unknown producer's ID": 59,
		"fenced by another":     90,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker, settings := cluster(t)
			guard := &fence{code: code, seen: map[int64]bool{}, refused: map[int64]bool{}}
			broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
				broker.KeepControl()
				if guard.refuses(request) {
					return refusal(request, guard.code), nil, true
				}
				return nil, nil, false
			})
			wiring := own(t, settings, wired(true))
			out := sender(t, settings, wiring.Topic)
			b := newBook()
			run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
				map[string]events.Handler{"store": b.handle}))
			enough := b.load(t, out.Emit)
			b.more(t, 200)
			guard.now()
			other := events.New("monitor.other.v1", events.Head{ID: "1", Source: "test", Key: "other"}, &struct{}{})
			until(t, "another producer", patience, func() bool { return out.Emit(t.Context(), other) == nil })
			b.more(t, 200)
			if got := guard.turnedAway(); got > 100 {
				t.Errorf("the producer was refused %d times, want another one at once", got)
			}
			guard.often(20)
			b.more(t, 200)
			enough()
			b.close(t, "producer refused, "+name)
		})
	}
}

// TestFencedEnd has the sender close while the broker refuses its producer.
func TestFencedEnd(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	out := sender(t, settings, own(t, settings, wired(true)).Topic)
	broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		return refusal(request, 47), nil, true
	})
	for range 3 {
		if err := out.Emit(t.Context(), event("1", "1")); err == nil {
			t.Error("emit by a producer that is refused: got nil, want an error")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := out.Close(ctx); err != nil {
		t.Errorf("close: got %v, want nil", err)
	}
}

// TestReplaced has the broker refuse the producer while a record of it is still on
// its way: what goes by the next producer waits until that is decided.
func TestReplaced(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t, kfake.NumBrokers(2))
	wiring := own(t, settings, wired(true))
	slow, other := onTwoBrokers(t, settings, wiring.Topic)
	out := sender(t, settings, wiring.Topic)
	if err := out.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	var requests atomic.Int64
	broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
		broker.KeepControl()
		switch requests.Add(1) {
		case 1:
			broker.SleepControl(func() { close(arrived); <-release })
		case 2:
			return refusal(request, 47), nil, true
		}
		return nil, nil, false
	})
	ended := make(chan error, 1)
	go func() { ended <- out.Emit(t.Context(), event("1", slow)) }()
	receive(t, "the request", arrived)
	if err := out.Emit(t.Context(), event("2", other)); err == nil {
		t.Error("emit by a producer that is refused: got nil, want an error")
	}
	brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := out.Emit(brief, event("3", slow)); monitor.CodeOf(err) != monitor.Unavailable {
		t.Errorf("emit while the producer before has something on its way: got %v, want unavailable", err)
	}
	close(release)
	if err := receive(t, "the end of the first", ended); err != nil {
		t.Errorf("what was on its way: got %v, want nil", err)
	}
	until(t, "an event is taken", patience, func() bool { return out.Emit(t.Context(), event("4", slow)) == nil })
	var ids log
	read(t, settings, wiring.Topic, func(record *sarama.ConsumerMessage) {
		if string(record.Key) == slow {
			ids.add(decoded(t, record).ID())
		}
	})
	until(t, "all are there", patience, func() bool { return slices.Contains(ids.all(), "4") })
	if got := ids.all()[0]; got != "1" {
		t.Errorf("events of the key: got %v, want 1 first", ids.all())
	}
}

// onTwoBrokers returns two keys whose partitions are led by different brokers.
func onTwoBrokers(t *testing.T, settings kafka.Settings, topic string) (first, second string) {
	t.Helper()
	client, err := sarama.NewClient(settings.Brokers, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	leaders := map[int32]int32{}
	for partition := range int32(partitions) {
		until(t, "the partition's leader", patience, func() bool {
			leader, err := client.Leader(topic, partition)
			if err == nil {
				leaders[partition] = leader.ID()
			}
			return err == nil
		})
		if leaders[partition] != leaders[0] {
			second = strconv.Itoa(int(partition))
		}
	}
	if second == "" {
		t.Fatal("all partitions are led by one broker")
	}
	return "0", second
}
