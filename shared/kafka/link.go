package kafka

import (
	"context"
	"errors"
	"sync"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// link is a producer with those who wait for its answers. One that has worn out
// is good for nothing any more: another one must take its place.
type link struct {
	client   sarama.Client
	producer sarama.AsyncProducer
	end      func()        // lets the producer finish what it has; nothing may be handed over any more
	drained  chan struct{} // closed once all answers were given
	worn     chan struct{} // closed once it has worn out
	wear     func()
}

func dial(settings Settings, name string) (*link, error) {
	config, err := settings.producing(name)
	if err != nil {
		return nil, err
	}
	client, err := newClient(settings, config)
	if err != nil {
		return nil, err
	}
	producer, err := sarama.NewAsyncProducerFromClient(client)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	l := &link{client: client, producer: producer, drained: make(chan struct{}), worn: make(chan struct{})}
	l.end = sync.OnceFunc(producer.AsyncClose)
	l.wear = sync.OnceFunc(func() { close(l.worn) })
	var answering sync.WaitGroup
	answering.Go(func() {
		for record := range producer.Successes() {
			answer(record, nil)
		}
	})
	answering.Go(func() {
		for failed := range producer.Errors() {
			if wearsOut(failed.Err) {
				l.wear()
			}
			answer(failed.Msg, failed.Err)
		}
	})
	go func() { answering.Wait(); close(l.drained) }()
	return l, nil
}

// good tells whether records may be handed over.
func (l *link) good() bool {
	if l == nil {
		return false
	}
	select {
	case <-l.worn:
		return false
	default:
		return true
	}
}

// wearsOut tells whether a producer that failed so would fail for ever: the
// broker goes by another state of it than it does itself, or it has tried for
// long to connect in the way that it knows, and the password or the certificate
// may be others by now.
func wearsOut(err error) bool {
	return isFenced(err) || isBroken(err) ||
		errors.Is(err, sarama.ErrSASLAuthenticationFailed) || errors.Is(err, sarama.ErrOutOfBrokers)
}

// isFenced tells whether the broker refuses the producer itself.
func isFenced(err error) bool {
	for _, known := range []error{
		sarama.ErrOutOfOrderSequenceNumber, sarama.ErrInvalidProducerEpoch, sarama.ErrUnknownProducerID,
		sarama.ErrProducerFenced, sarama.ErrInvalidProducerIDMapping,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// answer tells whoever waits for the record; there is room for all answers.
func answer(record *sarama.ProducerMessage, err error) {
	if waiting, ok := record.Metadata.(*errand); ok {
		waiting.ended(err)
	}
}

// close ends the producer in order, or, once ctx ends, by cutting its
// connections.
func (l *link) close(ctx context.Context) error {
	l.end()
	select {
	case <-l.drained:
		return l.client.Close()
	case <-ctx.Done():
	}
	_ = l.client.Close() // what is on its way fails now
	return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka did not take in time what was to be sent at the end")
}
