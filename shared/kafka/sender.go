package kafka

import (
	"context"
	"errors"
	"sync"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/protocol"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Sender sends events to a topic. It connects when it is first used, and again
// where that failed. Use NewSender.
type Sender struct {
	subject subject
	name    string
	closing chan struct{}
	close   func()
	dialing chan struct{} // holds a value while someone connects
	metrics *senderMetrics

	mu   sync.RWMutex // held for reading while a record is handed over
	link *link        // nil until connected
}

var (
	_ protocol.Sender = (*Sender)(nil)
	_ protocol.Closer = (*Sender)(nil)
)

// NewSender returns a sender to the topic, for the function of that name. Invalid:
// the settings cannot be.
func NewSender(settings Settings, name, topic string) (*Sender, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	if _, err := settings.producing(name); err != nil {
		return nil, err
	}
	closing := make(chan struct{})
	return &Sender{
		subject: subject{settings: settings, topic: topic}, name: name,
		closing: closing, close: sync.OnceFunc(func() { close(closing) }),
		dialing: make(chan struct{}, 1), metrics: newSenderMetrics(),
	}, nil
}

// Ready connects if need be. Unavailable: it cannot; the error says why.
func (s *Sender) Ready(ctx context.Context) error {
	_, err := s.connected(ctx, s.subject)
	return err
}

// Emit is an events.Emit: it sends events in order for each key, and returns nil
// once the broker has all of them on every replica in sync. Invalid: an event is
// no CloudEvent, or too large. Unavailable: an event may not have arrived; all of
// them may be emitted again.
func (s *Sender) Emit(ctx context.Context, out ...events.Event) error {
	records := make([]*sarama.ProducerMessage, len(out))
	for i, e := range out {
		var err error
		if records[i], err = recordOf(ctx, s.subject.topic, e); err != nil {
			return err
		}
		if size := records[i].ByteSize(2); size > maxRecord {
			return monitor.Errorf(monitor.Invalid, "the event has %d bytes, %d at most: send more events", size, maxRecord)
		}
	}
	return s.send(ctx, s.subject, records...)
}

// keep sends one record to a topic of its own.
func (s *Sender) keep(ctx context.Context, record *sarama.ProducerMessage) error {
	return s.send(ctx, subject{settings: s.subject.settings, topic: record.Topic}, record)
}

// Send is a protocol.Sender's: it sends one message, in binary mode if it is an
// event. What it returns is as with Emit.
func (s *Sender) Send(ctx context.Context, m binding.Message, transformers ...binding.Transformer) error {
	record := &sarama.ProducerMessage{Topic: s.subject.topic}
	err := kafka_sarama.WriteProducerMessage(ctx, m, record, transformers...)
	if err != nil {
		err = monitor.Wrap(monitor.Invalid, err, "the message cannot be sent")
	} else {
		err = s.send(ctx, s.subject, record)
	}
	return errors.Join(err, m.Finish(err))
}

// send hands records over and waits for what becomes of every one of them.
func (s *Sender) send(ctx context.Context, to subject, records ...*sarama.ProducerMessage) error {
	by, err := s.connected(ctx, to)
	if err != nil {
		s.metrics.failed.Add(float64(len(records)))
		return err
	}
	waiting := s.metrics.errand(len(records))
	sent := 0
	var failed error
	for _, record := range records {
		record.Metadata = waiting
		if failed = s.handOver(ctx, by, record); failed != nil {
			waiting.drop(len(records) - sent)
			break
		}
		sent++
	}
	for range sent {
		select {
		case err := <-waiting.acks:
			if failed == nil && err != nil {
				failed = to.failure(err)
			}
		case <-ctx.Done():
			return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka did not acknowledge the event in time")
		}
	}
	return failed
}

func (s subject) failure(err error) error {
	if errors.Is(err, sarama.ErrMessageSizeTooLarge) {
		return monitor.Wrap(monitor.Invalid, err, "the event is larger than Kafka takes")
	}
	return s.explain(refused(err, errNoWrite))
}

// handOver gives one record to the producer, which must not be closed meanwhile.
func (s *Sender) handOver(ctx context.Context, by *link, record *sarama.ProducerMessage) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	select {
	case <-s.closing:
		return errClosed()
	case <-by.worn:
		return errWorn()
	default:
	}
	select {
	case by.producer.Input() <- record:
		return nil
	case <-s.closing:
		return errClosed()
	case <-by.worn:
		return errWorn()
	case <-ctx.Done():
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka did not take the event in time")
	}
}

func errClosed() error {
	return monitor.Errorf(monitor.Unavailable, "the sender to Kafka is closed")
}

func errWorn() error {
	return monitor.Errorf(monitor.Unavailable, "the connection to Kafka is being replaced")
}

// connected returns the link to Kafka. It connects first if need be, once it is
// clear that what is to be sent may be.
func (s *Sender) connected(ctx context.Context, to subject) (*link, error) {
	if known := s.known(); known.good() {
		return known, nil
	}
	select {
	case s.dialing <- struct{}{}:
		defer func() { <-s.dialing }()
	case <-s.closing:
		return nil, errClosed()
	case <-ctx.Done():
		return nil, monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka was not reached in time")
	}
	select {
	case <-s.closing:
		return nil, errClosed()
	default:
	}
	known := s.known()
	if known.good() {
		return known, nil
	}
	if err := s.finish(ctx, known); err != nil {
		return nil, err
	}
	if err := inspect(ctx, to, toWrite()); err != nil {
		return nil, err
	}
	fresh, err := dial(s.subject.settings, s.name)
	if err != nil {
		return nil, s.subject.explain(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.link = fresh
	return fresh, nil
}

// finish waits until all that was handed over by a worn link has been answered:
// what goes by the next one must not overtake it.
func (s *Sender) finish(ctx context.Context, worn *link) error {
	if worn == nil {
		return nil
	}
	s.mu.Lock() // nobody hands over now, nor later
	worn.end()
	s.mu.Unlock()
	select {
	case <-worn.drained:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.link = nil
		_ = worn.client.Close() // whatever it says, a new one is made
		return nil
	case <-s.closing:
		return errClosed()
	case <-ctx.Done():
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "the connection to Kafka was not replaced in time")
	}
}

func (s *Sender) known() *link {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.link
}

// Close sends what is on its way and disconnects. Everything later fails.
// Unavailable: ctx ended first, and what was still on its way has failed.
func (s *Sender) Close(ctx context.Context) error {
	s.close()
	select {
	case s.dialing <- struct{}{}:
		defer func() { <-s.dialing }()
	case <-ctx.Done():
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka was still being connected to at the end")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil {
		return nil
	}
	err := s.link.close(ctx)
	s.link = nil
	return err
}
