package kafka

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strconv"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// The attributes of a dead letter: Knative's (https://knative.dev/docs/eventing/event-delivery/),
// and where the record lay.
const (
	ExtensionDestination = "knativeerrordest"
	ExtensionCode        = "knativeerrorcode"
	ExtensionData        = "knativeerrordata" // base64
	ExtensionReason      = "reason"
	ExtensionTopic       = "origintopic"
	ExtensionPartition   = "originpartition"
	ExtensionOffset      = "originoffset"
	ExtensionGroup       = "origingroup"
	ExtensionAttempts    = "attempts"
)

const (
	maxErrorData      = 1024             // bytes of an answer that a dead letter keeps
	deadLetterTimeout = 30 * time.Second // of one try to keep a dead letter
)

// bury makes a dead letter of the record and reports whether it is kept. It
// tries until its partition goes: what cannot be kept is not acknowledged. Each
// reason is said once in a row.
func (d *delivery) bury(failed *failure, tries int) bool {
	attributes := append(d.attributes(), telemetry.KeyTry, tries, telemetry.KeyError, failed.cause)
	log := d.trigger.consumer.options.Log
	said := ""
	for wait := rebuildMin; ; wait = min(2*wait, rebuildMax) {
		err := d.keep(failed, tries)
		if err == nil {
			break
		}
		d.trigger.metrics.lettersFailed.Inc()
		level, sentence := slog.LevelError, events.AnswerTo(err).Text
		if sentence == said {
			level = slog.LevelDebug
		}
		said = sentence
		log.Log(context.Background(), level, "dead letter could not be kept, trying again", append(attributes, telemetry.KeyDeadLetter, err)...)
		if !pause(d.held, wait) {
			return d.unfinished()
		}
	}
	d.trigger.metrics.dead.Inc()
	level := max(slog.LevelWarn, telemetry.LevelOf(monitor.Code(failed.answer.Reason)))
	log.Log(context.Background(), level, "event became a dead letter", attributes...)
	return true
}

func (d *delivery) keep(failed *failure, tries int) error {
	ctx, cancel := context.WithTimeout(d.work, deadLetterTimeout)
	defer cancel()
	letter, err := d.letter(ctx, failed, tries)
	if err != nil {
		return err
	}
	return d.trigger.consumer.options.Sender.keep(ctx, letter)
}

// letter returns the event with the attributes of a dead letter, or, where the
// record holds none, the record as it came with those attributes as headers.
func (d *delivery) letter(ctx context.Context, failed *failure, tries int) (*sarama.ProducerMessage, error) {
	attributes := d.origin(failed, tries)
	if d.event.Context != nil {
		out := d.event
		out.Event.Context = d.event.Context.Clone()
		for _, one := range attributes {
			out.SetExtension(one[0], one[1])
		}
		return recordOf(ctx, d.trigger.letters, out)
	}
	raw := &sarama.ProducerMessage{Topic: d.trigger.letters}
	if d.record.Key != nil {
		raw.Key = sarama.ByteEncoder(d.record.Key)
	}
	if d.record.Value != nil {
		raw.Value = sarama.ByteEncoder(d.record.Value)
	}
	for _, header := range d.record.Headers {
		raw.Headers = append(raw.Headers, *header)
	}
	for _, one := range attributes {
		raw.Headers = append(raw.Headers, sarama.RecordHeader{Key: []byte(one[0]), Value: []byte(one[1])})
	}
	return raw, nil
}

func (d *delivery) origin(failed *failure, tries int) [][2]string {
	text := failed.answer.Text
	return [][2]string{
		{ExtensionDestination, failed.to},
		{ExtensionCode, strconv.Itoa(failed.answer.Status)},
		{ExtensionData, base64.StdEncoding.EncodeToString([]byte(text[:min(len(text), maxErrorData)]))},
		{ExtensionReason, failed.answer.Reason},
		{ExtensionTopic, d.record.Topic},
		{ExtensionPartition, strconv.Itoa(int(d.record.Partition))},
		{ExtensionOffset, strconv.FormatInt(d.record.Offset, 10)},
		{ExtensionGroup, d.trigger.subject.group},
		{ExtensionAttempts, strconv.Itoa(tries)},
	}
}
