package kafka_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/IBM/sarama"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// goldens returns the golden events of every type.
func goldens(t *testing.T) []events.Event {
	t.Helper()
	paths, err := filepath.Glob("../events/testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got no golden events: %v", err)
	}
	var out []events.Event
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var wire cloudevents.Event
		if err := json.Unmarshal(text, &wire); err != nil {
			t.Fatal(err)
		}
		out = append(out, events.FromWire(wire))
	}
	return out
}

// TestContract holds the records of events and of dead letters to the published
// contract, which must know all that is in them.
func TestContract(t *testing.T) {
	t.Parallel()
	strict, err := contract.Strict()
	if err != nil {
		t.Fatal(err)
	}
	settings, all := fake(t), goldens(t)
	wiring := wired(true)
	var kinds []string
	for _, e := range all {
		kinds = append(kinds, e.Type())
	}
	wiring.Triggers[0].Filter = topology.ByType(kinds...)
	wiring = own(t, settings, wiring)
	lines := &shelf{}
	read(t, settings, wiring.Topic, lines.add)
	buried := &shelf{}
	read(t, settings, wiring.Sinks["dead-letters"], buried.add)
	out := sender(t, settings, wiring.Topic)
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out}, map[string]events.Handler{
		"store": func(context.Context, events.Event, events.Emit) error {
			return monitor.Errorf(monitor.Invalid, "nothing is taken here")
		},
	}))
	emit(t, out, all...)
	raw := &sarama.ProducerMessage{Topic: wiring.Topic, Key: sarama.StringEncoder("3"), Value: sarama.StringEncoder("\x00")}
	produce(t, settings, raw)
	until(t, "a dead letter for each", patience, func() bool { return len(buried.all()) == len(all)+1 && len(lines.all()) == len(all)+1 })
	for _, one := range lines.all() {
		if len(one.Headers) == 0 {
			continue // the raw one
		}
		if err := strict.Check(contract.Events, contract.RecordIn(one)); err != nil {
			t.Error(err)
		}
	}
	for _, one := range buried.all() {
		record := contract.RecordIn(one)
		if err := strict.Check(contract.DeadLetters, record); err != nil {
			t.Error(err)
		}
		assertLetter(t, record)
	}
}

// assertLetter holds a dead letter to having every attribute of one.
func assertLetter(t *testing.T, record contract.Record) {
	t.Helper()
	document, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	prefix := ""
	if record.Headers["ce_type"] != "" {
		prefix = "ce_"
	}
	attributes, _ := contract.At(document, "components", "messages", "noEvent", "headers", "properties").(map[string]any)
	for name := range attributes {
		if record.Headers[prefix+name] == "" {
			t.Errorf("the dead letter of %q has no %s", record.Headers["ce_type"], name)
		}
	}
}

// shelf keeps what was read.
type shelf struct {
	mu   sync.Mutex
	kept []*sarama.ConsumerMessage
}

func (r *shelf) add(record *sarama.ConsumerMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, record)
}

func (r *shelf) all() []*sarama.ConsumerMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept
}
