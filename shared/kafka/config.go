package kafka

import (
	"time"

	"github.com/IBM/sarama"
)

// maxRecord is the largest record that is sent, in bytes: what a Knative broker
// takes too. maxLetter leaves room for what a dead letter says beside.
const (
	maxRecord = 1 << 20
	maxLetter = maxRecord + 16<<10
)

// buffered is how many records wait between two stages of a client. They may
// have a mebibyte each, and a client has a stage for every partition.
const buffered = 8

// config returns what producers and consumers have in common.
func (s Settings) config(name string) (*sarama.Config, error) {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.ClientID = name
	config.ChannelBufferSize = buffered
	config.Metadata.Full = false // narrow rights do not show all topics
	config.Metadata.AllowAutoTopicCreation = false
	config.Net.DialTimeout = 5 * time.Second
	return config, s.apply(config)
}

// producing returns the configuration of a producer that survives an outage of
// about a minute by itself. The Flush settings stay unset: records gather while
// a request is on its way.
func (s Settings) producing(name string) (*sarama.Config, error) {
	config, err := s.config(name)
	if err != nil {
		return nil, err
	}
	config.Net.MaxOpenRequests = 1
	config.Metadata.Retry.Max, config.Metadata.Retry.Backoff = 40, 250*time.Millisecond
	producer := &config.Producer
	producer.RequiredAcks, producer.Idempotent = sarama.WaitForAll, true
	producer.Retry.Max = 30
	producer.Retry.BackoffFunc = func(tries, _ int) time.Duration { return backoff(tries) }
	producer.Compression, producer.CompressionLevel = sarama.CompressionZSTD, 1
	producer.MaxMessageBytes = maxLetter
	producer.Return.Successes, producer.Return.Errors = true, true
	producer.Partitioner = NewPartitioner
	return config, nil
}

// consuming returns the configuration of a consumer. It gives up soon where no
// broker answers: the loop around it makes a new one.
func (s Settings) consuming(name string) (*sarama.Config, error) {
	config, err := s.config(name)
	if err != nil {
		return nil, err
	}
	consumer := &config.Consumer
	consumer.Return.Errors = true
	consumer.Offsets.Initial = sarama.OffsetOldest
	consumer.Offsets.AutoCommit.Interval = time.Second
	consumer.Fetch.Default = maxLetter
	consumer.MaxProcessingTime = 10 * time.Second
	group := &consumer.Group
	group.Session.Timeout, group.Heartbeat.Interval = sessionTimeout, 3*time.Second
	group.Rebalance.Timeout = time.Minute
	group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategySticky()}
	return config, nil
}

// sessionTimeout is how long the group waits for a member that says nothing.
const sessionTimeout = 30 * time.Second

// backoff returns the wait before a try: 0.1 s, doubled up to 2 s.
func backoff(tries int) time.Duration {
	return min(100*time.Millisecond<<min(max(tries-1, 0), 10), 2*time.Second)
}
