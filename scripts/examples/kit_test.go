// Package examples_test runs the example programs against a real broker.
package examples_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/scripts/kafka/broker"
	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

var withBroker = flag.Bool("broker", false, "run the examples on a real broker, which takes Java, Maven and Python")

// running is the broker of all tests, if there is one.
var running *broker.Broker

func TestMain(m *testing.M) {
	flag.Parse()
	code := 1
	var err error
	if *withBroker {
		running, err = broker.Start(context.Background())
	}
	if err == nil {
		code = m.Run()
	}
	if running != nil {
		err = running.Remove()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

const (
	patience   = 3 * time.Minute // a group waits for most of one for a member that was killed
	location   = "python"
	partitions = 4
	shards     = 16
)

// stage is a topic of its own on the broker, and what lies in it.
type stage struct {
	t        *testing.T
	settings kafka.Settings
	wiring   topology.Topology
	sender   *kafka.Sender
	python   string
	group    string

	mu      sync.Mutex
	results []*sarama.ConsumerMessage
}

func newStage(t *testing.T) *stage {
	t.Helper()
	if running == nil {
		t.Skip("it needs a real broker: go tool task test:kafka")
	}
	python, err := exec.CommandContext(t.Context(), "./venv.sh").Output()
	if err != nil {
		t.Fatalf("Python for the example: %v", err)
	}
	wiring, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	name := "test-" + rand.Text()[:8]
	s := &stage{
		t: t, settings: kafka.Settings{Brokers: []string{running.Plain}, Mechanism: sarama.SASLTypeSCRAMSHA512},
		wiring: wiring, python: strings.TrimSpace(string(python)), group: name + "-probe",
	}
	s.wiring.Broker, s.wiring.Topic = name, name+"-events"
	s.wiring.Sinks = map[string]string{"dead-letters": s.wiring.Topic + ".dlq"}
	topics := kafka.OnOneBroker(kafka.Topics(s.wiring))
	for i := range topics {
		topics[i].Partitions = partitions
	}
	if err := kafka.CreateTopics(t.Context(), s.settings, topics); err != nil {
		t.Fatal(err)
	}
	if s.sender, err = kafka.NewSender(s.settings, "test", s.wiring.Topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.sender.Close(context.Background()) })
	s.read()
	return s
}

// read keeps the results that are in the topic, until the test ends.
func (s *stage) read() {
	s.t.Helper()
	reader, err := sarama.NewConsumer(s.settings.Brokers, sarama.NewConfig())
	if err != nil {
		s.t.Fatal(err)
	}
	var reading sync.WaitGroup
	s.t.Cleanup(func() {
		_ = reader.Close()
		reading.Wait()
	})
	for partition := range int32(partitions) {
		var one sarama.PartitionConsumer
		s.until("the partition's first leader", func() bool {
			one, err = reader.ConsumePartition(s.wiring.Topic, partition, sarama.OffsetOldest)
			return err == nil
		})
		s.t.Cleanup(one.AsyncClose)
		reading.Go(func() {
			for message := range one.Messages() {
				if contract.RecordIn(message).Headers["ce_type"] == events.TypeProbeResults {
					s.mu.Lock()
					s.results = append(s.results, message)
					s.mu.Unlock()
				}
			}
		})
	}
}

// messages returns the results' records up to now.
func (s *stage) messages() []*sarama.ConsumerMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.results
}

// rows returns the results of an endpoint up to now, as our functions read them.
func (s *stage) rows(endpoint string) []monitor.Result {
	s.t.Helper()
	var out []monitor.Result
	for _, message := range s.messages() {
		var results events.ProbeResults
		if err := events.DecodeResults(message.Value, &results); err != nil || len(results.Rejected) > 0 {
			s.t.Errorf("got %v and rejected rows %v", err, results.Rejected)
		}
		for _, row := range results.Rows {
			if row.Endpoint == endpoint {
				out = append(out, row)
			}
		}
	}
	return out
}

func (s *stage) emit(out ...events.Event) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := s.sender.Emit(ctx, out...); err != nil {
		s.t.Fatal(err)
	}
}

// due emits an event that asks for the checks.
func (s *stage) due(at string, endpoints ...events.DueEndpoint) {
	s.t.Helper()
	now := monitor.At(time.Now())
	due := &events.ProbeDue{Slot: now, Until: now.Add(10 * time.Second), Location: at, Kind: monitor.Scheduled, Endpoints: endpoints}
	s.emit(events.New(events.TypeProbeDue, events.Head{ID: due.SlotID(), Source: "schedule", Key: "0", Location: at}, due))
}

// probe starts the program and returns how to end it by a signal, which says how
// it ended.
func (s *stage) probe() func(syscall.Signal) error {
	s.t.Helper()
	log := &rig.Log{}
	command := exec.Command(s.python, "probe.py", "--topic", s.wiring.Topic, "--group", s.group) //nolint:noctx,gosec // ended by a signal; our own arguments
	command.Env = append(os.Environ(), "MONITOR_LOCATION="+location, "MONITOR_KAFKA_BROKERS="+running.Plain, "PYTHONDONTWRITEBYTECODE=1")
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	end := sync.OnceValue(func() error { return <-ended })
	s.t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = end()
		if s.t.Failed() {
			s.t.Logf("the probe said:\n%s", log)
		}
	})
	return func(signal syscall.Signal) error {
		if err := command.Process.Signal(signal); err != nil {
			return err
		}
		return end()
	}
}

// committed returns how far the group is in a partition; -1 where it never was.
func (s *stage) committed(partition int32) int64 {
	s.t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	admin, err := sarama.NewClusterAdmin(s.settings.Brokers, config)
	if err != nil {
		s.t.Fatal(err)
	}
	defer admin.Close()
	offsets, err := admin.ListConsumerGroupOffsets(s.group, map[string][]int32{s.wiring.Topic: {partition}})
	if err != nil {
		s.t.Fatal(err)
	}
	block := offsets.GetBlock(s.wiring.Topic, partition)
	if block == nil {
		return -1
	}
	return block.Offset
}

// until waits until it holds.
func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	err := rig.Await(s.t.Context(), what, patience, 20*time.Millisecond, func() (bool, error) { return holds(), nil })
	if err != nil {
		s.t.Fatal(err)
	}
}
