package kafka_test

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// gauges returns the values of a metric by its labels but the Trigger's.
func gauges(t testing.TB, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, label := range m.GetLabel() {
				if label.GetName() != "trigger" {
					labels = append(labels, label.GetValue())
				}
			}
			out[strings.Join(labels, ",")] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return out
}

// shows waits until a metric has the values, and no others.
func shows(t *testing.T, registry *prometheus.Registry, name string, want map[string]float64) {
	t.Helper()
	until(t, name+" shows what it should", patience, func() bool { return maps.Equal(want, gauges(t, registry, name)) })
}

// lags are those of all partitions: of those that are not named 0.
func lags(of map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for partition := range partitions {
		out[strconv.Itoa(partition)] = 0
	}
	maps.Copy(out, of)
	return out
}

// lagCommitted returns what others see, who know the committed offsets alone.
func lagCommitted(t *testing.T, settings kafka.Settings, wiring topology.Topology) map[string]float64 {
	t.Helper()
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	client, err := sarama.NewClient(settings.Brokers, config)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	var all []int32
	for partition := range int32(partitions) {
		all = append(all, partition)
	}
	committed, err := admin.ListConsumerGroupOffsets(wiring.Broker+"-store", map[string][]int32{wiring.Topic: all})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, partition := range all {
		end, err := client.GetOffset(wiring.Topic, partition, sarama.OffsetNewest)
		if err != nil {
			t.Fatal(err)
		}
		out[strconv.Itoa(int(partition))] = float64(end - max(committed.GetBlock(wiring.Topic, partition).Offset, 0))
	}
	return out
}

func TestLag(t *testing.T) {
	t.Parallel()
	lag(t, fake(t))
}

func TestBrokerLag(t *testing.T) {
	t.Parallel()
	lag(t, plain(onBroker(t).Plain))
}

// lag has a handler that is stuck with the second event of partition 1, while
// more and more come. Partition 2 has events that the Trigger does not want.
func lag(t *testing.T, settings kafka.Settings) {
	t.Helper()
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	registry := prometheus.NewRegistry()
	stuck, release := make(chan struct{}), make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	var blocked sync.Once
	stop := run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Registry: registry},
		map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
			if in.ID() == "stuck" {
				blocked.Do(func() { close(stuck) })
				<-release
			}
			return nil
		}}))
	defer free()
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
	shows(t, registry, "monitor_kafka_lag_seconds", lags(nil))
	emit(t, out, event("first", "1"), event("stuck", "1"), event("other", "3"))
	for range 3 {
		emit(t, out, events.New("monitor.other.v1", events.Head{ID: "unwanted", Source: "test", Key: "2"}, &struct{}{}))
	}
	receive(t, "the event that the handler is stuck with", stuck)
	behind := 1
	for _, more := range []int{1, 20, 30} { // far more than are fetched ahead
		for range more {
			emit(t, out, event("behind", "1"))
		}
		behind += more
		shows(t, registry, "monitor_kafka_lag_events", lags(map[string]float64{"1": float64(behind)}))
	}
	until(t, "what is committed says the same", patience, func() bool {
		return maps.Equal(lagCommitted(t, settings, wiring), gauges(t, registry, "monitor_kafka_lag_events"))
	})
	held := gauges(t, registry, "monitor_kafka_oldest_unacknowledged_seconds")[""]
	seconds := gauges(t, registry, "monitor_kafka_lag_seconds") // later, when it is older still
	if seconds["1"] < held || held <= 0 {
		t.Errorf("got an age of %v s, in hand for %v s, want it in hand, and older than that", seconds["1"], held)
	}
	delete(seconds, "1")
	want := lags(nil)
	delete(want, "1")
	if diff := cmp.Diff(want, seconds); diff != "" {
		t.Errorf("ages of the other partitions (-want +got):\n%s", diff)
	}
	free()
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
	shows(t, registry, "monitor_kafka_lag_seconds", lags(nil))
	shows(t, registry, "monitor_kafka_oldest_unacknowledged_seconds", map[string]float64{"": 0})
	until(t, "all is committed", patience, func() bool { return maps.Equal(lags(nil), lagCommitted(t, settings, wiring)) })
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	shows(t, registry, "monitor_kafka_lag_events", map[string]float64{})
	shows(t, registry, "monitor_kafka_partitions_assigned", map[string]float64{"": 0})
}

// TestLagMoves has a second member take half of the partitions: the first one
// does not go on to show them.
func TestLagMoves(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	registries := []*prometheus.Registry{prometheus.NewRegistry(), prometheus.NewRegistry()}
	for _, registry := range registries {
		c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out, Registry: registry}, map[string]events.Handler{"store": accept})
		run(t, c)
		until(t, "the member is ready", patience, func() bool { return c.Ready(t.Context()) == nil })
	}
	until(t, "each member shows its half", patience, func() bool {
		both := map[string]float64{}
		for _, registry := range registries {
			if assigned := gauges(t, registry, "monitor_kafka_partitions_assigned")[""]; assigned != partitions/2 {
				return false
			}
			maps.Copy(both, gauges(t, registry, "monitor_kafka_lag_events"))
		}
		return len(both) == partitions &&
			len(gauges(t, registries[0], "monitor_kafka_lag_events")) == partitions/2 &&
			len(gauges(t, registries[1], "monitor_kafka_lag_events")) == partitions/2
	})
	if rebalances := gauges(t, registries[0], "monitor_kafka_rebalances_total")[""]; rebalances < 2 {
		t.Errorf("rebalances of the first member: got %v, want two at least", rebalances)
	}
}

// refuse has the broker refuse requests of a kind until it is told to stop.
func refuse(broker *kfake.Cluster, key kmsg.Key, answer func(kmsg.Request) kmsg.Response) (stop func()) {
	var mu sync.Mutex
	refusing := true
	broker.ControlKey(int16(key), func(request kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		if !refusing {
			return nil, nil, false
		}
		broker.KeepControl()
		return answer(request), nil, true
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		refusing = false
	}
}

// TestLagNotAssigned has a group that lets nobody in: what it has not done is
// shown all the same, and readiness says why. Then it does.
func TestLagNotAssigned(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	options := kafka.Options{Settings: settings, Topology: wiring, Sender: out}
	var handled log
	handler := map[string]events.Handler{"store": func(_ context.Context, in events.Event, _ events.Emit) error {
		handled.add(in.ID())
		return nil
	}}
	stop := run(t, consumer(t, options, handler))
	emit(t, out, event("1", "1"), event("2", "1"))
	until(t, "two events are handled", patience, func() bool { return len(handled.all()) == 2 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	emit(t, out, event("3", "1"), event("4", "1"))
	emit(t, out, event("5", "2")) // not before these
	mend := refuse(broker, kmsg.JoinGroup, func(request kmsg.Request) kmsg.Response {
		answer := kmsg.NewPtrJoinGroupResponse()
		answer.Version, answer.ErrorCode = request.GetVersion(), 30 // GROUP_AUTHORIZATION_FAILED
		return answer
	})
	options.Registry = prometheus.NewRegistry()
	registry, _ := options.Registry.(*prometheus.Registry)
	c := consumer(t, options, handler)
	run(t, c)
	shows(t, registry, "monitor_kafka_lag_events", lags(map[string]float64{"1": 2, "2": 1}))
	if seconds := gauges(t, registry, "monitor_kafka_lag_seconds"); seconds["1"] <= 0 || seconds["2"] <= 0 || seconds["1"] < seconds["2"] {
		t.Errorf("ages: got %v, want the older one for partition 1, and one for partition 2", seconds)
	}
	sentence := "Kafka does not let anybody without a login join the group " + wiring.Broker + "-store: add an ACL for the operation READ"
	until(t, "readiness says why", patience, func() bool { return says(c.Ready(t.Context()), sentence) })
	mend()
	until(t, "the consumer is ready", patience, func() bool { return c.Ready(t.Context()) == nil })
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
}

// TestLagUnknown has a broker that does not tell how far the topic is: nothing
// is shown then.
func TestLagUnknown(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	wiring := own(t, settings, wired(true))
	registry := prometheus.NewRegistry()
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic), Registry: registry},
		map[string]events.Handler{"store": accept}))
	shows(t, registry, "monitor_kafka_lag_known", map[string]float64{"": 1})
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
	mend := refuse(broker, kmsg.ListOffsets, func(request kmsg.Request) kmsg.Response { return request.ResponseKind() })
	shows(t, registry, "monitor_kafka_lag_known", map[string]float64{"": 0})
	shows(t, registry, "monitor_kafka_lag_events", map[string]float64{})
	shows(t, registry, "monitor_kafka_lag_seconds", map[string]float64{})
	mend()
	shows(t, registry, "monitor_kafka_lag_known", map[string]float64{"": 1})
	shows(t, registry, "monitor_kafka_lag_events", lags(nil))
}
