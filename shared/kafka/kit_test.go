package kafka_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/shared/deliverytest"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// partitions is how many partitions the topics of tests have.
const partitions = 8

const kindTest = "monitor.test.v1"

// fake starts a broker in this process.
func fake(t testing.TB) kafka.Settings {
	t.Helper()
	_, settings := cluster(t)
	return settings
}

func cluster(t testing.TB, options ...kfake.Opt) (*kfake.Cluster, kafka.Settings) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, plain(c.ListenAddrs()...)
}

func plain(addresses ...string) kafka.Settings {
	return kafka.Settings{Brokers: addresses, Mechanism: sarama.SASLTypeSCRAMSHA512}
}

// own gives the wiring topics and groups that nobody else has, and creates them.
func own(t testing.TB, settings kafka.Settings, wiring topology.Topology) topology.Topology {
	t.Helper()
	wiring.Broker = "test-" + rand.Text()[:8]
	wiring.Topic = wiring.Broker + "-events"
	wiring.Sinks = map[string]string{"dead-letters": wiring.Topic + ".dlq"}
	topics := kafka.OnOneBroker(kafka.Topics(wiring))
	for i := range topics {
		topics[i].Partitions = partitions
	}
	if err := kafka.CreateTopics(t.Context(), settings, topics); err != nil {
		t.Fatalf("create topics: %v", err)
	}
	led(t, settings, wiring.Topic)
	return wiring
}

func sender(t testing.TB, settings kafka.Settings, topic string) *kafka.Sender {
	t.Helper()
	s, err := kafka.NewSender(settings, "test", topic)
	if err != nil {
		t.Fatalf("sender: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = s.Close(ctx)
	})
	return s
}

// led waits until all partitions of a topic have a leader that knows it.
func led(t testing.TB, settings kafka.Settings, topic string) {
	t.Helper()
	client, err := sarama.NewClient(settings.Brokers, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for partition := range int32(partitions) {
		until(t, "a partition has a leader", patience, func() bool {
			_, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
			if err != nil {
				_ = client.RefreshMetadata(topic) // it is asked again
			}
			return err == nil
		})
	}
}

// consumer returns a consumer of its own with the functions.
func consumer(t testing.TB, options kafka.Options, functions map[string]events.Handler) *kafka.Consumer {
	t.Helper()
	c, err := kafka.NewConsumer(options)
	if err != nil {
		t.Fatalf("consumer: %v", err)
	}
	for name, handler := range functions {
		if err := c.Subscribe(name, handler); err != nil {
			t.Fatalf("subscribe: %v", err)
		}
	}
	return c
}

// run runs the consumer and returns how to stop it, which happens at the test's
// end at the latest.
func run(t testing.TB, c *kafka.Consumer) func() error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

// host starts what the delivery suite wants, on the brokers.
func host(t testing.TB, settings kafka.Settings, setup deliverytest.Setup) deliverytest.Host {
	t.Helper()
	return hostAs(t, settings, setup, func(topology.Topology) kafka.Settings { return settings })
}

// hostAs is as host, with functions that log in in their own way; the topics are
// made and the dead letters read by whoever may.
func hostAs(t testing.TB, may kafka.Settings, setup deliverytest.Setup, login func(topology.Topology) kafka.Settings) deliverytest.Host {
	t.Helper()
	wiring := own(t, may, setup.Topology)
	settings := login(wiring)
	out := sender(t, settings, wiring.Topic)
	until(t, "the sender is ready", patience, func() bool { return out.Ready(t.Context()) == nil })
	read(t, may, wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) {
		if err := setup.DeadLetter(context.Background(), decoded(t, record)); err != nil {
			t.Errorf("dead letter: %v", err)
		}
	})
	stop := run(t, consumer(t, kafka.Options{
		Settings: settings, Topology: wiring, Sender: out, Drain: patience,
	}, setup.Functions))
	emit := out.Emit
	if setup.TailEvents > 0 {
		emit = forgetting(t, settings, wiring.Topic, emit, int64(setup.TailEvents))
	}
	return deliverytest.Host{Emit: emit, Tail: kafka.NewTail(settings, wiring.Topic, testLog(t)), Stop: func() error {
		if err := stop(); err != nil {
			return err
		}
		return out.Close(context.Background())
	}}
}

// read hands all records of a topic to a function until the test ends.
func read(t testing.TB, settings kafka.Settings, topic string, each func(*sarama.ConsumerMessage)) {
	t.Helper()
	reader, err := sarama.NewConsumer(settings.Brokers, sarama.NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	var all []sarama.PartitionConsumer
	for partition := range int32(partitions) {
		var one sarama.PartitionConsumer
		until(t, "the partition's first leader", patience, func() bool {
			one, err = reader.ConsumePartition(topic, partition, sarama.OffsetOldest)
			return err == nil
		})
		all = append(all, one)
		reading.Go(func() {
			for record := range one.Messages() {
				each(record)
			}
		})
	}
	t.Cleanup(func() {
		for _, one := range all {
			one.AsyncClose()
		}
		reading.Wait()
		_ = reader.Close()
	})
}

func decoded(t testing.TB, record *sarama.ConsumerMessage) events.Event {
	t.Helper()
	e, err := binding.ToEvent(context.Background(), kafka_sarama.NewMessageFromConsumerMessage(record))
	if err != nil {
		t.Errorf("record %d: %v", record.Offset, err)
		return events.Event{}
	}
	return events.FromWire(*e)
}

func testLog(t testing.TB) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func event(id, key string) events.Event {
	return events.New(kindTest, events.Head{ID: id, Source: "test", Key: key}, &struct {
		Text string `json:"text"`
	}{id})
}

// wired is a topology with one Trigger.
func wired(ordered bool) topology.Topology {
	return topology.Topology{Triggers: []topology.Trigger{{
		Name: "store", Subscriber: topology.Ref{Kind: topology.Service, Name: "store"},
		Filter: topology.ByType(kindTest), Ordered: ordered,
		Delivery: topology.Delivery{
			Retry: 3, Delay: 5 * time.Millisecond, Timeout: time.Minute,
			DeadLetter: topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"},
		},
	}}}
}

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

// receive waits for a value.
func receive[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	bound := time.NewTimer(patience)
	defer bound.Stop()
	select {
	case value := <-from:
		return value
	case <-bound.C:
		t.Fatalf("%s did not come within %s", what, patience)
		panic("unreachable")
	}
}

// until waits until it holds.
func until(t testing.TB, what string, within time.Duration, holds func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	bound := time.NewTimer(within)
	defer bound.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-bound.C:
			t.Fatalf("%s did not happen within %s", what, within)
		}
	}
}
