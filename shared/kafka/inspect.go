package kafka

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/IBM/sarama"
)

// The operations on topics, as bits (https://kafka.apache.org/41/documentation.html#operations_resources_and_protocols).
const (
	bitRead  = 1 << 3
	bitWrite = 1 << 4
)

// need is what a client will do with a topic.
type need struct {
	bit     int32
	refused error
}

func toRead() need  { return need{bitRead, errNoRead} }
func toWrite() need { return need{bitWrite, errNoWrite} }

// answerTimeout is how long a broker has to answer before another one is asked:
// one that hangs still takes connections.
const answerTimeout = 5 * time.Second

// inspect asks the brokers once whether the client will be able to do its work,
// and returns at once what is wrong. The clients themselves try for long before
// they say something, and then something else.
func inspect(ctx context.Context, s subject, wanted need) error {
	config, err := s.settings.config("monitor")
	if err != nil {
		return err
	}
	config.Net.ReadTimeout, config.Net.WriteTimeout = answerTimeout, answerTimeout
	ended := make(chan error, 1)
	go func() { ended <- s.explain(ask(ctx, config, s, wanted)) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return s.explain(sarama.Wrap(sarama.ErrOutOfBrokers, ctx.Err()))
	}
}

// ask asks the first broker that answers. It hangs up when ctx ends.
func ask(ctx context.Context, config *sarama.Config, s subject, wanted need) error {
	return askFirst(ctx, config, s.settings.Brokers, func(broker *sarama.Broker) error { return askBroker(broker, s, wanted) })
}

// askFirst puts the question to one broker after the other, until one has heard it
// and not fallen silent. It asks in any order: a broker that takes connections and
// says nothing would use up the time of whoever asks, again and again, if it were
// always first.
func askFirst(ctx context.Context, config *sarama.Config, addresses []string, question func(*sarama.Broker) error) error {
	var faults []error
	for _, at := range rand.Perm(len(addresses)) { //nolint:gosec // chance, not secrets
		broker := sarama.NewBroker(addresses[at])
		hangUp := context.AfterFunc(ctx, func() { _ = broker.Close() })
		err := connect(broker, config)
		connected := err == nil
		if connected {
			err = question(broker)
		}
		hangUp()
		_ = broker.Close() // it was only asked; where ctx ended before it was open, nobody has
		if connected && (!isBroken(err) || ctx.Err() != nil) {
			return err
		}
		faults = append(faults, err)
	}
	return sarama.Wrap(sarama.ErrOutOfBrokers, faults...)
}

func connect(broker *sarama.Broker, config *sarama.Config) error {
	if err := broker.Open(config); err != nil {
		return err
	}
	_, err := broker.Connected()
	return err
}

// check returns why the brokers do not let the topic be used.
func (n need) check(topic *sarama.TopicMetadata) error {
	allowed := topic.TopicAuthorizedOperations
	switch {
	case topic.Err != sarama.ErrNoError:
		return topic.Err
	case allowed != math.MinInt32 && allowed&n.bit == 0:
		return n.refused
	default:
		return nil
	}
}

func askBroker(broker *sarama.Broker, s subject, wanted need) error {
	if s.topic == "" {
		return nil // that it answers is all there was to know
	}
	metadata, err := broker.GetMetadata(&sarama.MetadataRequest{Version: 8, Topics: []string{s.topic}, IncludeTopicAuthorizedOperations: true})
	if err != nil {
		return sarama.Wrap(sarama.ErrOutOfBrokers, err)
	}
	for _, topic := range metadata.Topics {
		if err := wanted.check(topic); err != nil {
			return err
		}
	}
	if s.group == "" {
		return nil
	}
	coordinator, err := broker.FindCoordinator(&sarama.FindCoordinatorRequest{Version: 1, CoordinatorKey: s.group, CoordinatorType: sarama.CoordinatorGroup})
	if err != nil {
		return err
	}
	if coordinator.Err == sarama.ErrGroupAuthorizationFailed {
		return coordinator.Err
	}
	return nil // one that is not there yet will be
}
