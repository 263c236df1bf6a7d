package kafka_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func TestPoison(t *testing.T) {
	t.Parallel()
	poison(t, fake(t), "poison, in memory")
}

func TestBrokerPoison(t *testing.T) {
	t.Parallel()
	poison(t, plain(onBroker(t).Plain), "poison")
}

func header(pairs ...string) []sarama.RecordHeader {
	var out []sarama.RecordHeader
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, sarama.RecordHeader{Key: []byte(pairs[i]), Value: []byte(pairs[i+1])})
	}
	return out
}

// poisons are records that no function can handle. Those of the first kind are
// no events, those of the second one are.
func poisons(topic string) []*sarama.ProducerMessage {
	whole := []string{"ce_specversion", "1.0", "ce_id", "bad", "ce_source", "/s", "ce_type", kindTest, "ce_partitionkey", "3", "content-type", "application/json"}
	out := []*sarama.ProducerMessage{
		{Value: sarama.StringEncoder("\x00\xff not an event"), Headers: header("x", "y")},
		{Value: sarama.StringEncoder(`{"text":"1"}`), Headers: header("ce_specversion", "1.0", "ce_type", kindTest)},
		{Value: sarama.StringEncoder(`{"specversion":"1.0",`), Headers: header("content-type", "application/cloudevents+json")},
		{}, // neither value nor headers
		{Value: sarama.StringEncoder(`{"text":`), Headers: header(whole...)},
		{Value: sarama.StringEncoder(`{"text":"panic"}`), Headers: header(whole...)},
	}
	for _, record := range out {
		record.Topic, record.Key = topic, sarama.StringEncoder("3")
	}
	return out
}

const (
	noEvents  = 4
	badEvents = 2
)

// poison sends a good event, the poisons, and a good event, all of one key: the
// functions get the good ones, and each poison is one dead letter.
func poison(t *testing.T, settings kafka.Settings, name string) {
	t.Helper()
	wiring := wired(true)
	second := wiring.Triggers[0]
	second.Name, second.Subscriber.Name, second.Filter = "alert", "alert", topology.ByType("monitor.other.v1")
	wiring.Triggers = append(wiring.Triggers, second)
	wiring = own(t, settings, wiring)
	out := sender(t, settings, wiring.Topic)
	var mu sync.Mutex
	var letters []*sarama.ConsumerMessage
	read(t, settings, wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) {
		mu.Lock()
		defer mu.Unlock()
		letters = append(letters, record)
	})
	var handled log
	handler := events.On(func(_ context.Context, data *struct{ Text string }, _ events.Emit) error {
		if data.Text == "panic" {
			panic("out of bounds")
		}
		handled.add(data.Text)
		return nil
	})
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out},
		map[string]events.Handler{"store": handler, "alert": handler}))
	emit(t, out, event("before", "3"))
	produce(t, settings, poisons(wiring.Topic)...)
	emit(t, out, event("behind", "3"))
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(letters) }
	until(t, "a dead letter for each", patience, func() bool { return count() >= noEvents+badEvents && len(handled.all()) == 2 })
	if diff := cmp.Diff([]string{"before", "behind"}, handled.all()); diff != "" {
		t.Errorf("events handled (-want +got):\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	for i, letter := range letters {
		checkLetter(t, wiring, letter, i < noEvents)
	}
	if want := noEvents + badEvents; len(letters) != want {
		t.Errorf("dead letters: got %d, want %d: one each, though there are two Triggers", len(letters), want)
	}
	fmt.Printf("fault: %-32s sent %6d, acknowledged %6d, handled %6d, dead letters %d, lost=0\n", name, 8, 8, len(handled.all()), len(letters))
}

func checkLetter(t *testing.T, wiring topology.Topology, letter *sarama.ConsumerMessage, raw bool) {
	t.Helper()
	start := "ce_"
	if raw {
		start = ""
	}
	got := map[string]string{}
	for _, one := range letter.Headers {
		got[string(one.Key)] = string(one.Value)
	}
	want := map[string]string{
		kafka.ExtensionDestination: "/functions/store", kafka.ExtensionTopic: wiring.Topic,
		kafka.ExtensionGroup: wiring.Broker + "-store", kafka.ExtensionPartition: "3",
	}
	for name, value := range want {
		if got[start+name] != value {
			t.Errorf("dead letter %d: %s: got %q, want %q", letter.Offset, name, got[start+name], value)
		}
	}
	if _, err := strconv.Atoi(got[start+kafka.ExtensionOffset]); err != nil {
		t.Errorf("dead letter %d: the offset of its record: got %q, want a number", letter.Offset, got[start+kafka.ExtensionOffset])
	}
	tries := map[string]string{"invalid": "1", "internal": "4"}[got[start+kafka.ExtensionReason]]
	if tries == "" || got[start+kafka.ExtensionAttempts] != tries {
		t.Errorf("dead letter %d: got %s attempts for the reason %q, want %s", letter.Offset, got[start+kafka.ExtensionAttempts], got[start+kafka.ExtensionReason], tries)
	}
	if _, err := base64.StdEncoding.DecodeString(got[start+kafka.ExtensionData]); err != nil || string(letter.Key) != "3" {
		t.Errorf("dead letter %d: got key %q and data %v, want 3 and base64", letter.Offset, letter.Key, err)
	}
}

// produce sends records as any other program may.
func produce(t *testing.T, settings kafka.Settings, records ...*sarama.ProducerMessage) {
	t.Helper()
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = kafka.NewPartitioner
	producer, err := sarama.NewSyncProducer(settings.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	if err := producer.SendMessages(records); err != nil {
		t.Fatal(err)
	}
}

func emit(t *testing.T, out *kafka.Sender, e ...events.Event) {
	t.Helper()
	if err := out.Emit(t.Context(), e...); err != nil {
		t.Fatalf("emit: %v", err)
	}
}

// TestLetterNotKept has no topic for dead letters: the event is not acknowledged
// until there is one.
func TestLetterNotKept(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	letters := wiring.Sinks["dead-letters"] + ".later"
	wiring.Sinks["dead-letters"] = letters
	out := sender(t, settings, wiring.Topic)
	var tries log
	fail := map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
		tries.add(in.ID())
		return monitor.Errorf(monitor.Invalid, "no good")
	}}
	options := kafka.Options{Settings: settings, Topology: wiring, Sender: out}
	stop := run(t, consumer(t, options, fail))
	emit(t, out, event("1", "a"))
	until(t, "the first try", patience, func() bool { return len(tries.all()) == 1 })
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	topic := kafka.OnOneBroker(kafka.Topics(wiring))[1:]
	topic[0].Partitions = partitions
	if err := kafka.CreateTopics(t.Context(), settings, topic); err != nil {
		t.Fatal(err)
	}
	run(t, consumer(t, options, fail))
	until(t, "the event comes again", patience, func() bool { return len(tries.all()) == 2 })
	kept := make(chan struct{}, 10)
	read(t, settings, letters, func(*sarama.ConsumerMessage) { kept <- struct{}{} })
	receive(t, "the dead letter", kept)
}

// TestLetterSaidOnce has a broker that takes no dead letter: the reason is told
// once, however often it is tried.
func TestLetterSaidOnce(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	lines, registry := &shared{}, prometheus.NewRegistry()
	entered, fail := make(chan struct{}, 1), make(chan struct{})
	run(t, consumer(t, kafka.Options{
		Settings: settings, Topology: wiring, Sender: out, Registry: registry, Log: slog.New(slog.NewTextHandler(lines, nil)),
	}, map[string]events.Handler{"store": func(context.Context, events.Event, events.Emit) error {
		entered <- struct{}{}
		<-fail
		return monitor.Errorf(monitor.Invalid, "no good")
	}}))
	emit(t, out, event("1", "a"))
	receive(t, "the event", entered)
	mend := refuse(broker, kmsg.Produce, func(request kmsg.Request) kmsg.Response { return refusal(request, 29) }) // TOPIC_AUTHORIZATION_FAILED
	close(fail)
	until(t, "several tries", patience, func() bool { return gauges(t, registry, "monitor_kafka_dead_letters_failed_total")[""] > 3 })
	mend()
	until(t, "the dead letter is kept", patience, func() bool { return gauges(t, registry, "monitor_kafka_events_total")["dead_letter"] == 1 })
	if got := strings.Count(lines.String(), "dead letter could not be kept"); got != 1 {
		t.Errorf("got %d lines that say so, want 1:\n%s", got, lines)
	}
}
