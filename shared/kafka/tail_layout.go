package kafka

import (
	"context"
	"errors"
	"slices"

	"github.com/IBM/sarama"
)

// layout is a topic as brokers describe it.
type layout struct {
	name       string
	topic      sarama.Uuid
	partitions int
	leads      map[*sarama.Broker][]*sarama.PartitionMetadata // by leader, which is not connected yet
}

// look asks the first broker that answers for the topic, and whether it may be
// read.
func look(ctx context.Context, config *sarama.Config, s subject) (*layout, error) {
	var now *layout
	err := askFirst(ctx, config, s.settings.Brokers, func(broker *sarama.Broker) (err error) {
		now, err = describe(broker, s.topic)
		return err
	})
	return now, err
}

func describe(broker *sarama.Broker, topic string) (*layout, error) {
	request := sarama.NewMetadataRequest(sarama.V3_6_0_0, []string{topic})
	request.IncludeTopicAuthorizedOperations = true
	metadata, err := broker.GetMetadata(request)
	if err != nil {
		return nil, sarama.Wrap(sarama.ErrOutOfBrokers, err)
	}
	if len(metadata.Topics) != 1 {
		return nil, sarama.ErrUnknownTopicOrPartition
	}
	there := metadata.Topics[0]
	if err := toRead().check(there); err != nil {
		return nil, err
	}
	return layoutOf(there, metadata.Brokers)
}

func layoutOf(topic *sarama.TopicMetadata, brokers []*sarama.Broker) (*layout, error) {
	now := &layout{
		name: topic.Name, topic: topic.Uuid, partitions: len(topic.Partitions),
		leads: map[*sarama.Broker][]*sarama.PartitionMetadata{},
	}
	known := make([]bool, now.partitions)
	for _, partition := range topic.Partitions {
		at := slices.IndexFunc(brokers, func(b *sarama.Broker) bool { return b.ID() == partition.Leader })
		if at < 0 {
			return nil, sarama.ErrLeaderNotAvailable
		}
		if id := int(partition.ID); id < 0 || id >= now.partitions || known[id] {
			return nil, sarama.ErrIncompleteResponse
		}
		known[partition.ID] = true
		now.leads[brokers[at]] = append(now.leads[brokers[at]], partition)
	}
	return now, nil
}

// open connects to all leaders.
func (l *layout) open(config *sarama.Config) error {
	for broker := range l.leads {
		if err := connect(broker, config); err != nil {
			return err
		}
	}
	return nil
}

func (l *layout) close() {
	for broker := range l.leads {
		_ = broker.Close() // it was only read from
	}
}

// newest returns a bookmark behind all records that are there.
func (l *layout) newest() (*bookmark, error) {
	p := &bookmark{topic: l.topic, next: make([]int64, l.partitions)}
	for broker, partitions := range l.leads {
		request := sarama.NewOffsetRequest(sarama.V3_6_0_0)
		for _, partition := range partitions {
			request.AddBlock(l.name, partition.ID, sarama.OffsetNewest, 1)
		}
		response, err := broker.GetAvailableOffsets(request)
		if err != nil {
			return nil, err
		}
		for _, partition := range partitions {
			block := response.GetBlock(l.name, partition.ID)
			switch {
			case block == nil:
				return nil, sarama.ErrIncompleteResponse
			case !errors.Is(block.Err, sarama.ErrNoError):
				return nil, block.Err
			}
			p.next[partition.ID] = max(block.Offset, 0)
		}
	}
	return p, nil
}
