package kafka_test

import (
	"context"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// received returns the one record that something sends.
func received(t *testing.T, send func(ctx context.Context, out events.Emit, raw func(context.Context, binding.Message) error) error) *sarama.ConsumerMessage {
	t.Helper()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	records := make(chan *sarama.ConsumerMessage, 1)
	read(t, settings, wiring.Topic, func(record *sarama.ConsumerMessage) { records <- record })
	err := send(t.Context(), out.Emit, func(ctx context.Context, m binding.Message) error { return out.Send(ctx, m) })
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	return receive(t, "the record", records)
}

func TestRecord(t *testing.T) {
	t.Parallel()
	sent := event("7-1", "21")
	for name, send := range map[string]func(ctx context.Context, out events.Emit, raw func(context.Context, binding.Message) error) error{
		"emitted": func(ctx context.Context, out events.Emit, _ func(context.Context, binding.Message) error) error {
			return out(ctx, sent)
		},
		"sent as the SDK does": func(ctx context.Context, _ events.Emit, raw func(context.Context, binding.Message) error) error {
			wire, err := sent.Wire()
			if err != nil {
				return err
			}
			return raw(ctx, binding.ToMessage(&wire))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := received(t, send)
			got := map[string]string{"key": string(record.Key), "value": string(record.Value)}
			for _, one := range record.Headers {
				got[string(one.Key)] = string(one.Value)
			}
			want := map[string]string{
				"key": "21", "value": `{"text":"7-1"}`, "content-type": "application/json", "ce_specversion": "1.0",
				"ce_id": "7-1", "ce_type": kindTest, "ce_source": "/functions/test", "ce_partitionkey": "21",
				"ce_time": sent.Time().Format(time.RFC3339Nano),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
			if record.Partition != 21%partitions {
				t.Errorf("partition: got %d, want %d", record.Partition, 21%partitions)
			}
		})
	}
}

func TestSenderRefuses(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	out := sender(t, settings, wiring.Topic)
	large := event("1", "a")
	large.DataEncoded = make([]byte, 1<<20)
	none := event("", "a")
	for name, e := range map[string]events.Event{"an event that is too large": large, "what is no event": none} {
		if err := out.Emit(t.Context(), e); monitor.CodeOf(err) != monitor.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

func TestSenderContext(t *testing.T) {
	t.Parallel()
	broker, settings := cluster(t)
	out := sender(t, settings, own(t, settings, wired(true)).Topic)
	if err := out.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	defer close(release)
	broker.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		arrived <- struct{}{}
		broker.SleepControl(func() { <-release })
		return nil, nil, false
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- out.Emit(ctx, event("1", "a")) }()
	receive(t, "the request", arrived)
	select {
	case err := <-ended:
		t.Errorf("emit before the broker has acknowledged: got %v, want it to wait", err)
	default:
	}
	cancel()
	if err := receive(t, "the end of emit", ended); monitor.CodeOf(err) != monitor.Unavailable {
		t.Errorf("emit whose context has ended: got %v, want unavailable", err)
	}
}

// TestSenderFailure has the broker refuse one event of several.
func TestSenderFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code int16
		want monitor.Code
	}{
		"what may work later is unavailable": {87, monitor.Unavailable}, // INVALID_RECORD
		"what is too large is invalid":       {10, monitor.Invalid},     // MESSAGE_TOO_LARGE
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker, settings := cluster(t)
			out := sender(t, settings, own(t, settings, wired(true)).Topic)
			if err := out.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			broker.ControlKey(int16(kmsg.Produce), func(request kmsg.Request) (kmsg.Response, error, bool) {
				return refusal(request, test.code), nil, true
			})
			err := out.Emit(t.Context(), event("1", "1"), event("2", "1"))
			if monitor.CodeOf(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			emit(t, out, event("1", "1"), event("2", "1"))
		})
	}
}

func refusal(request kmsg.Request, code int16) kmsg.Response {
	response := kmsg.NewPtrProduceResponse()
	response.Version = request.GetVersion()
	produce, _ := request.(*kmsg.ProduceRequest)
	for _, topic := range produce.Topics {
		refused := kmsg.NewProduceResponseTopic()
		refused.Topic, refused.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			one := kmsg.NewProduceResponseTopicPartition()
			one.Partition, one.ErrorCode = partition.Partition, code
			refused.Partitions = append(refused.Partitions, one)
		}
		response.Topics = append(response.Topics, refused)
	}
	return response
}

func TestSenderClosed(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	wiring := own(t, settings, wired(true))
	for name, connect := range map[string]bool{"after use": true, "before use": false} {
		out := sender(t, settings, wiring.Topic)
		if connect {
			emit(t, out, event("1", "a"))
		}
		if err := out.Close(t.Context()); err != nil {
			t.Errorf("%s: close: got %v, want nil", name, err)
		}
		if err := out.Emit(t.Context(), event("2", "a")); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("%s: emit after close: got %v, want unavailable", name, err)
		}
		if err := out.Close(t.Context()); err != nil {
			t.Errorf("%s: close again: got %v, want nil", name, err)
		}
	}
}
