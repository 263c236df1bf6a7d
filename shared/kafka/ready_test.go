package kafka_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// says tells whether the error is unavailable with the sentence for people.
func says(err error, sentence string) bool {
	return errors.Is(err, monitor.Unavailable) && strings.HasPrefix(events.AnswerTo(err).Text, sentence)
}

func TestReady(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic)}, nil)
	if err := c.Ready(t.Context()); err != nil {
		t.Errorf("without a function: got %v, want nil", err)
	}
	if err := c.Subscribe("store", accept); err != nil {
		t.Fatal(err)
	}
	sentence := "waiting for partitions of " + wiring.Topic + ": the group " + wiring.Broker + "-store has not given them out"
	if err := c.Ready(t.Context()); !says(err, sentence) {
		t.Errorf("before it runs: got %v, want unavailable: %s", err, sentence)
	}
	stop := run(t, c)
	until(t, "the consumer is ready", patience, func() bool { return c.Ready(t.Context()) == nil })
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	if err := c.Ready(t.Context()); err == nil {
		t.Error("once it has ended: got nil, want unavailable")
	}
}

// TestReadyWithout has more members than partitions: whoever has none is ready,
// and says so.
func TestReadyWithout(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	single := kafka.OnOneBroker(kafka.Topics(wiring))[:1]
	single[0].Name, single[0].Partitions = wiring.Topic+"-single", 1
	if err := kafka.CreateTopics(t.Context(), settings, single); err != nil {
		t.Fatal(err)
	}
	wiring.Topic = single[0].Name
	out := sender(t, settings, wiring.Topic)
	var members []*kafka.Consumer
	var registries []*prometheus.Registry
	for range 2 {
		registries = append(registries, prometheus.NewRegistry())
		members = append(members, consumer(t, kafka.Options{
			Settings: settings, Topology: wiring, Sender: out, Registry: registries[len(registries)-1],
		}, map[string]events.Handler{"store": accept}))
		run(t, members[len(members)-1])
	}
	until(t, "both are ready, one with the partition", patience, func() bool {
		assigned := 0.0
		for i, member := range members {
			if member.Ready(t.Context()) != nil || len(gauges(t, registries[i], "monitor_kafka_partitions_assigned")) != 1 {
				return false
			}
			assigned += gauges(t, registries[i], "monitor_kafka_partitions_assigned")[""]
		}
		return assigned == 1
	})
}

// TestReadyWaits has a group that does not answer who wants to join it.
func TestReadyWaits(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic)},
		map[string]events.Handler{"store": accept})
	asked := make(chan struct{}, 100)
	mend := refuse(broker, kmsg.JoinGroup, func(request kmsg.Request) kmsg.Response {
		select {
		case asked <- struct{}{}:
		default:
		}
		answer := kmsg.NewPtrJoinGroupResponse()
		answer.Version, answer.ErrorCode = request.GetVersion(), 27 // REBALANCE_IN_PROGRESS
		return answer
	})
	run(t, c)
	receive(t, "the wish to join", asked)
	if err := c.Ready(t.Context()); !says(err, "waiting for partitions of "+wiring.Topic) {
		t.Errorf("while the group has not let it in: got %v, want unavailable: waiting for partitions", err)
	}
	mend()
	until(t, "the consumer is ready", patience, func() bool { return c.Ready(t.Context()) == nil })
}

// TestReadySilent has a broker that lets its members be and answers nobody else.
func TestReadySilent(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic)},
		map[string]events.Handler{"store": accept})
	kafka.SurveyEvery(c, 100*time.Millisecond)
	run(t, c)
	ready := func() bool { return c.Ready(t.Context()) == nil }
	until(t, "the consumer is ready", patience, ready)
	release := make(chan struct{})
	for _, key := range []kmsg.Key{kmsg.ApiVersions, kmsg.Metadata, kmsg.ListOffsets} {
		broker.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
			broker.KeepControl()
			broker.SleepControl(func() { <-release })
			return nil, nil, false
		})
	}
	sentence := "no Kafka broker answers at " + settings.Brokers[0]
	until(t, "readiness says that the broker is silent", patience, func() bool { return says(c.Ready(t.Context()), sentence) })
	close(release)
	until(t, "the consumer is ready again", patience, ready)
}

// TestBrokerReady has a consumer lose its broker, and find it again.
func TestBrokerReady(t *testing.T) {
	b := onBroker(t)
	settings := plain(b.Plain)
	wiring := own(t, settings, wired(true))
	registry := prometheus.NewRegistry()
	c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic), Registry: registry},
		map[string]events.Handler{"store": accept})
	run(t, c)
	ready := func() bool { return c.Ready(t.Context()) == nil }
	until(t, "the consumer is ready", patience, ready)
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	sentence := "no Kafka broker answers at " + b.Plain
	until(t, "readiness says that the broker is away", patience, func() bool { return says(c.Ready(t.Context()), sentence) })
	shows(t, registry, "monitor_kafka_lag_known", map[string]float64{"": 0})
	shows(t, registry, "monitor_kafka_lag_events", map[string]float64{})
	if err := b.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the consumer is ready again", 3*patience, ready)
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
}

// TestSenderMetrics has a broker acknowledge, refuse and say nothing.
func TestSenderMetrics(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	out := sender(t, settings, own(t, settings, wired(true)).Topic)
	registry := prometheus.NewRegistry()
	registry.MustRegister(out)
	emit(t, out, event("1", "1"), event("2", "2"))
	shows(t, registry, "monitor_kafka_records_total", map[string]float64{"acknowledged": 2, "failed": 0})
	shows(t, registry, "monitor_kafka_acknowledge_seconds", map[string]float64{"": 2})
	mend := refuse(broker, kmsg.Produce, func(request kmsg.Request) kmsg.Response { return refusal(request, 87) }) // INVALID_RECORD
	if err := out.Emit(t.Context(), event("3", "1")); err == nil {
		t.Error("an event that was refused: got nil, want an error")
	}
	mend()
	shows(t, registry, "monitor_kafka_records_total", map[string]float64{"acknowledged": 2, "failed": 1})
	release := make(chan struct{})
	broker.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		broker.SleepControl(func() { <-release })
		return nil, nil, false
	})
	ended := make(chan error, 1)
	go func() { ended <- out.Emit(t.Context(), event("4", "1")) }()
	shows(t, registry, "monitor_kafka_records_waiting", map[string]float64{"": 1})
	close(release)
	if err := receive(t, "the acknowledgement", ended); err != nil {
		t.Errorf("an event that was acknowledged late: got %v, want nil", err)
	}
	shows(t, registry, "monitor_kafka_records_waiting", map[string]float64{"": 0})
	shows(t, registry, "monitor_kafka_records_total", map[string]float64{"acknowledged": 3, "failed": 1})
}
