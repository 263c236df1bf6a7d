package kafka_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func accept(context.Context, events.Event, events.Emit) error { return nil }

func TestConsumerRefuses(t *testing.T) {
	t.Parallel()
	wiring := wired(true)
	wiring.Topic, wiring.Sinks = "events", map[string]string{"dead-letters": "events.dlq"}
	for name, change := range map[string]func(o *kafka.Options){
		"settings that cannot be":     func(o *kafka.Options) { o.Settings.Brokers = nil },
		"a Broker without a topic":    func(o *kafka.Options) { o.Topology.Topic = "" },
		"a KafkaSink without a topic": func(o *kafka.Options) { o.Topology.Sinks = nil },
		"a file that cannot be read":  func(o *kafka.Options) { o.Settings.TLS, o.Settings.Authority = true, "nowhere" },
	} {
		options := kafka.Options{Settings: plain("127.0.0.1:1"), Topology: wiring}
		change(&options)
		if _, err := kafka.NewConsumer(options); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	c := consumer(t, kafka.Options{Settings: plain("127.0.0.1:1"), Topology: wiring}, map[string]events.Handler{"store": accept})
	for name, function := range map[string]string{"a second handler": "store", "a function that no Trigger names": "stroe"} {
		if err := c.Subscribe(function, accept); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

// TestSideBySide has a handler that is slow, for one partition with a backlog: the
// event of another one does not wait for the backlog's end.
func TestSideBySide(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	const backlog = 200
	var slow []events.Event
	for i := range backlog {
		slow = append(slow, event(strconv.Itoa(i), "1"))
	}
	emit(t, out, slow...)
	pace := time.NewTicker(100 * time.Millisecond)
	t.Cleanup(pace.Stop) // when the consumer has ended
	var handled atomic.Int64
	begun, after := make(chan struct{}, backlog), make(chan int64, 1)
	run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out}, map[string]events.Handler{
		"store": func(ctx context.Context, in events.Event, _ events.Emit) error {
			if in.Key() == "2" {
				after <- handled.Load()
				return nil
			}
			begun <- struct{}{}
			select {
			case <-pace.C:
			case <-ctx.Done():
			}
			handled.Add(1)
			return nil
		},
	}))
	receive(t, "the first event of the backlog", begun)
	emit(t, out, event("other", "2"))
	if got := receive(t, "the event of the other partition", after); got > backlog/2 {
		t.Errorf("the other partition's event: got it after %d of %d events, want it soon", got, backlog)
	}
}

// TestSink has a Trigger whose subscriber is a topic: its events go there as
// they came.
func TestSink(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := wired(false)
	wiring.Triggers[0].Subscriber = topology.Ref{Kind: topology.KafkaSink, Name: "dead-letters"}
	wiring = own(t, settings, wiring)
	out := sender(t, settings, wiring.Topic)
	c := consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: out}, nil)
	if err := c.SubscribeSinks(); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	arrived := make(chan *sarama.ConsumerMessage, 1)
	read(t, settings, wiring.Sinks["dead-letters"], func(record *sarama.ConsumerMessage) { arrived <- record })
	sent := event("1", "5")
	emit(t, out, sent)
	got := receive(t, "the record in the sink", arrived)
	names := map[string]bool{}
	for _, header := range got.Headers {
		names[string(header.Key)] = true
	}
	want := map[string]bool{
		"ce_specversion": true, "ce_id": true, "ce_type": true, "ce_source": true, "ce_time": true,
		"ce_partitionkey": true, "content-type": true,
	}
	if diff := cmp.Diff(want, names); diff != "" || string(got.Value) != `{"text":"1"}` || string(got.Key) != "5" {
		t.Errorf("got key %q and value %q, headers (-want +got):\n%s", got.Key, got.Value, diff)
	}
}

// TestPatience has the group wait for who was killed only as long as it must.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]time.Duration{"": 10 * time.Second, "pod-1": 30 * time.Second} {
		broker, settings := cluster(t)
		asked := make(chan time.Duration, 1)
		broker.ControlKey(int16(kmsg.JoinGroup), func(request kmsg.Request) (kmsg.Response, error, bool) {
			broker.KeepControl()
			if join, ok := request.(*kmsg.JoinGroupRequest); ok {
				select {
				case asked <- time.Duration(join.SessionTimeoutMillis) * time.Millisecond:
				default:
				}
			}
			return nil, nil, false
		})
		settings.Instance = name
		wiring := own(t, settings, wired(true))
		run(t, consumer(t, kafka.Options{Settings: settings, Topology: wiring, Sender: sender(t, settings, wiring.Topic)}, map[string]events.Handler{"store": accept}))
		if got := receive(t, "a member that joins", asked); got != want {
			t.Errorf("a member named %q: got %s, want %s", name, got, want)
		}
	}
}
