package contract

import (
	"context"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Record is what lies in a topic.
type Record struct {
	Key     string
	Headers map[string]string
	Value   []byte
}

// RecordOf returns the record that carries an event: in the binary mode of the
// Kafka binding of CloudEvents (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
func RecordOf(e events.Event) (Record, error) {
	wire, err := e.Wire()
	if err != nil {
		return Record{}, err
	}
	var sent sarama.ProducerMessage
	if err := kafka_sarama.WriteProducerMessage(context.Background(), binding.ToMessage(&wire), &sent); err != nil {
		return Record{}, err
	}
	key, err := encoded(sent.Key)
	if err != nil {
		return Record{}, err
	}
	value, err := encoded(sent.Value)
	return Record{Key: string(key), Headers: headers(sent.Headers), Value: value}, err
}

// RecordIn returns the record that was read from a topic.
func RecordIn(got *sarama.ConsumerMessage) Record {
	out := Record{Key: string(got.Key), Headers: map[string]string{}, Value: got.Value}
	for _, one := range got.Headers {
		out.Headers[string(one.Key)] = string(one.Value)
	}
	return out
}

func encoded(part sarama.Encoder) ([]byte, error) {
	if part == nil {
		return nil, nil
	}
	return part.Encode()
}

func headers(list []sarama.RecordHeader) map[string]string {
	out := map[string]string{}
	for _, one := range list {
		out[string(one.Key)] = string(one.Value)
	}
	return out
}
