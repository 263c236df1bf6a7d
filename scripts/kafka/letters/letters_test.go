package letters_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/scripts/kafka/letters"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

const kindTest = "monitor.test.v1"

// world is a broker with a function that refuses events until it is mended.
type world struct {
	t      *testing.T
	source letters.Source
	sender *kafka.Sender

	mu      sync.Mutex
	mended  bool
	handled []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	wiring := wired()
	w := &world{t: t, source: letters.Source{
		Settings: kafka.Settings{Brokers: cluster.ListenAddrs(), Mechanism: sarama.SASLTypeSCRAMSHA512},
		Topic:    wiring.Sinks["dead-letters"], Origin: wiring.Topic,
	}}
	if err := kafka.CreateTopics(t.Context(), w.source.Settings, kafka.OnOneBroker(kafka.Topics(wiring))); err != nil {
		t.Fatal(err)
	}
	if w.sender, err = kafka.NewSender(w.source.Settings, "test", wiring.Topic); err != nil {
		t.Fatal(err)
	}
	c, err := kafka.NewConsumer(kafka.Options{Settings: w.source.Settings, Topology: wiring, Sender: w.sender})
	if err != nil {
		t.Fatal(err)
	}
	if err := errorsOf(c.Subscribe("store", w.handle), c.SubscribeSinks()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = w.sender.Close(context.Background())
	})
	return w
}

func errorsOf(faults ...error) error {
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func wired() topology.Topology {
	name := "test-" + rand.Text()[:8]
	toSink := topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
	delivery := topology.Delivery{Retry: 1, Delay: time.Millisecond, Timeout: patience, DeadLetter: toSink}
	return topology.Topology{
		Broker: name, Topic: name + "-events", Sinks: map[string]string{"dead-letters": name + "-events.dlq"},
		Triggers: []topology.Trigger{
			{
				Name: "store", Subscriber: topology.Ref{Kind: topology.Service, Name: "store"},
				Filter: topology.ByType(kindTest), Ordered: true, Delivery: delivery,
			},
			{Name: "rejected", Subscriber: toSink, Filter: topology.ByType(events.TypeRowRejected), Delivery: delivery},
		},
	}
}

func (w *world) handle(_ context.Context, in events.Event, _ events.Emit) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.mended {
		return monitor.Errorf(monitor.Invalid, "the test refuses %s", in.ID())
	}
	w.handled = append(w.handled, in.ID())
	return nil
}

func (w *world) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mended = true
}

func (w *world) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.handled...)
}

// emit sends events of a key and waits until there are as many dead letters in
// all.
func (w *world) emit(letters int, kind, key string, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		e := events.New(kind, events.Head{ID: id, Source: "test", Key: key}, &events.RowRejected{Reason: "due: is ahead", Row: []byte("[1,\x1b[2J]")})
		if err := w.sender.Emit(w.t.Context(), e); err != nil {
			w.t.Fatal(err)
		}
	}
	w.until(fmt.Sprintf("%d dead letters", letters), func() bool {
		return strings.Contains(w.run("list"), fmt.Sprintf("%d dead letters in", letters))
	})
}

// raw writes a record into a topic as any other program may.
func (w *world) raw(record *sarama.ProducerMessage) {
	w.t.Helper()
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = kafka.NewPartitioner
	producer, err := sarama.NewSyncProducer(w.source.Settings.Brokers, config)
	if err != nil {
		w.t.Fatal(err)
	}
	defer producer.Close()
	if _, _, err := producer.SendMessage(record); err != nil {
		w.t.Fatal(err)
	}
}

// try runs the command.
func (w *world) try(args ...string) (string, error) {
	var out bytes.Buffer
	err := letters.Run(w.t.Context(), &out, w.source, args)
	return out.String(), err
}

func (w *world) run(args ...string) string {
	w.t.Helper()
	out, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("letters %s: got %v, want nil", strings.Join(args, " "), err)
	}
	return out
}

// fails runs the command and checks its error.
func (w *world) fails(want monitor.Code, says string, args ...string) {
	w.t.Helper()
	_, err := w.try(args...)
	if monitor.CodeOf(err) != want || !strings.Contains(err.Error(), says) {
		w.t.Errorf("letters %s: got %v, want %s: %s", strings.Join(args, " "), err, want, says)
	}
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	bound := time.NewTimer(patience)
	defer bound.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-bound.C:
			w.t.Fatalf("%s did not come within %s", what, patience)
		}
	}
}

// position returns that of the letter in whose line the text stands.
func (w *world) position(text string) string {
	w.t.Helper()
	for line := range strings.Lines(w.run("list")) {
		if strings.Contains(line, text) {
			return strings.Fields(line)[0]
		}
	}
	w.t.Fatalf("no dead letter %s in\n%s", text, w.run("list"))
	return ""
}
