package kafka

import (
	"context"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// recordOf returns the event as a record of the topic, in binary mode. Data is
// not copied. Invalid: the event is none.
func recordOf(ctx context.Context, topic string, e events.Event) (*sarama.ProducerMessage, error) {
	data, err := e.Encoded()
	if err != nil {
		return nil, err
	}
	record := &sarama.ProducerMessage{Topic: topic}
	if plain, ok := plainHeaders(&e.Event); ok {
		record.Headers = plain
		if key := e.Key(); key != "" {
			record.Key = sarama.StringEncoder(key)
		}
	} else if err := encode(ctx, e.Event, record); err != nil {
		return nil, err
	}
	if len(data) > 0 {
		record.Value = sarama.ByteEncoder(data)
	}
	return record, nil
}

// encode writes all of the event but its data, by the SDK's codec.
func encode(ctx context.Context, head cloudevents.Event, record *sarama.ProducerMessage) error {
	head.DataEncoded = nil // the codec would copy it
	if err := head.Validate(); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the event is no valid CloudEvent")
	}
	if err := kafka_sarama.WriteProducerMessage(ctx, binding.ToMessage(&head), record); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the event cannot be sent")
	}
	return nil
}

// eventOf returns the event that a record holds. Data is not copied. Invalid:
// the record is no CloudEvent.
func eventOf(record *sarama.ConsumerMessage) (events.Event, error) {
	if plain, ok := plainEvent(record); ok {
		return plain, nil
	}
	return decode(record)
}

// decode reads a record by the SDK's codec. What that adds to the event is taken
// off, so that the event can be sent on as it came.
func decode(record *sarama.ConsumerMessage) (events.Event, error) {
	message := kafka_sarama.NewMessageFromConsumerMessage(record)
	for _, added := range []string{"ce_kafkaoffset", "ce_kafkapartition", "ce_kafkatopic"} {
		delete(message.Headers, added)
	}
	binary := message.ReadEncoding() == binding.EncodingBinary
	if binary {
		message.Value = nil // the codec would copy it
	}
	received, err := binding.ToEvent(context.Background(), message)
	if err == nil {
		err = received.Validate()
	}
	if err != nil {
		return events.Event{}, monitor.Wrap(monitor.Invalid, err, "the record is no CloudEvent")
	}
	if binary {
		received.DataEncoded = record.Value
	}
	return events.FromWire(*received), nil
}
