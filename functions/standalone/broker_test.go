package standalone_test

import (
	"flag"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

var withBroker = flag.Bool("broker", false, "run the tests that need a real Kafka broker too, which takes Java and Maven")

// onBroker starts a real broker for the test, with the topics of the wiring, and
// returns the settings of processes that use it. Such tests are not parallel:
// one broker at a time is enough for a machine.
func onBroker(t *testing.T) []string {
	t.Helper()
	if !*withBroker {
		t.Skip("it needs a real broker: go tool task test:kafka")
	}
	b, err := broker.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the broker said:\n%s", b.Log())
		}
		if err := b.Remove(); err != nil {
			t.Errorf("remove the broker: %v", err)
		}
	})
	wiring, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	settings := kafka.Settings{Brokers: []string{b.Plain}, Mechanism: "SCRAM-SHA-512"}
	if err := kafka.CreateTopics(t.Context(), settings, kafka.OnOneBroker(kafka.Topics(wiring))); err != nil {
		t.Fatal(err)
	}
	return []string{"MONITOR_EVENTS=kafka", "MONITOR_KAFKA_BROKERS=" + b.Plain}
}
