package kafka

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Window is a window, for tests.
type Window struct{ *window }

// NewWindow returns a window that tells how far all is finished.
func NewWindow(next int64, mark func(next int64)) Window { return Window{newWindow(next, mark)} }

// Pass counts a record as finished.
func (w Window) Pass(offset int64) { w.pass(offset, time.Time{}) }

// Open counts a record as in hand.
func (w Window) Open(offset int64) { w.open(offset, time.Time{}) }

// Done ends a handler's work.
func (w Window) Done(offset int64, finished bool) { w.done(offset, finished) }

// Tick ticks until ctx ends.
func (c *Consumer) Tick(ctx context.Context) error { return c.tick(ctx) }

// NewPatientTail returns a tail that waits for brokers for an hour.
func NewPatientTail(settings Settings, topic string, log *slog.Logger) events.Tail {
	return newTail(subject{settings: settings, topic: topic}, log, time.Hour)
}

// Inspect asks the brokers whether the topic may be read.
func Inspect(ctx context.Context, settings Settings, topic string) error {
	return inspect(ctx, subject{settings: settings, topic: topic}, toRead())
}

// Place returns the offsets that a position names; false where it is none.
func Place(position string) ([]int64, bool) {
	p, ok := parseBookmark(position)
	if !ok {
		return nil, false
	}
	return p.next, true
}

// Moved returns the position with the offsets instead of its own.
func Moved(position string, offsets ...int64) string {
	p, _ := parseBookmark(position)
	return (&bookmark{topic: p.topic, next: offsets}).text()
}

// SurveyEvery has the consumer ask so often how far all is.
func SurveyEvery(c *Consumer, every time.Duration) { c.surveyor.every = every }

// Sessions returns how often the consumer joined the group of the Trigger.
func Sessions(c *Consumer, name string) int64 {
	for _, t := range c.triggers {
		if t.Name == name {
			return t.sessions.Load()
		}
	}
	return 0
}

// HeldOf returns how large the heap of a consumer with one Trigger may be, in
// bytes.
func HeldOf(partitions int) int { return 2 * (2 + waiting) * maxLetter * partitions }

// EventOf reads a record as consumers do, and tells whether it was the plain case.
func EventOf(record *sarama.ConsumerMessage) (e events.Event, plain bool, err error) {
	_, plain = plainEvent(record)
	e, err = eventOf(record)
	return e, plain, err
}

// DecodeBySDK reads a record by the SDK's codec.
func DecodeBySDK(record *sarama.ConsumerMessage) (events.Event, error) { return decode(record) }

// RecordOf writes an event as senders do, and tells whether it was the plain case.
func RecordOf(e events.Event) (record *sarama.ProducerMessage, plain bool, err error) {
	_, plain = plainHeaders(&e.Event)
	record, err = recordOf(context.Background(), "events", e)
	return record, plain, err
}

// EncodeBySDK writes the headers and the key of an event by the SDK's codec.
func EncodeBySDK(e events.Event) (*sarama.ProducerMessage, error) {
	record := &sarama.ProducerMessage{}
	return record, encode(context.Background(), e.Event, record)
}

// NewClient connects a client, with the settings that readers have.
func NewClient(settings Settings) (sarama.Client, error) {
	config, err := settings.config("test")
	if err != nil {
		return nil, err
	}
	return newClient(settings, config)
}

// DialUntil returns a connection that ends with ctx.
func DialUntil(ctx context.Context, address string) (net.Conn, error) {
	return dialer{ctx: ctx}.Dial("tcp", address)
}
