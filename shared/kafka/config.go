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

// buffered is how many records wait between two stages of a producer. They may
// have a mebibyte each.
const buffered = 8

// What a consumer has in memory depends neither on how much there is to do nor
// on how slow its handlers are. Of each partition these are: what a response
// brought and handlers have not had, fetchPartition bytes as they travel or one
// batch of records, whichever is more; waiting records behind that; a shelf of
// fetchPartition bytes or one record; and one in hand, of an unordered Trigger up
// to 50 in all. A record holds the batch that it came in, of maxLetter bytes at
// most. That is three mebibytes a partition, and
// twice that with what the garbage collector has not taken yet: 96 MiB for a
// Trigger with 16 partitions and a backlog of large events. The Triggers of a
// process add up, but only those whose events are large: store and alert
// (results) and probe (checks to make).
const (
	waiting        = 1
	fetchPartition = 128 << 10
	fetchResponse  = 2 << 20
)

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
	config.ChannelBufferSize = waiting
	consumer.Fetch.Default, consumer.Fetch.MaxBytes = fetchPartition, fetchResponse
	consumer.MaxProcessingTime = stalling
	group := &consumer.Group
	group.InstanceId = s.Instance
	group.Session.Timeout, group.Heartbeat.Interval = s.patience(), 3*time.Second
	group.Rebalance.Timeout = time.Minute
	group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategySticky()}
	return config, nil
}

// stalling is how long a partition that takes nothing may hold up the others: a
// client asks for more once all that it got is handed on. Then, within twice
// that, it goes on without that one, which asks again when it has had its share.
// See shelf.
const stalling = 250 * time.Millisecond

// patience returns how long the group waits for a member that says nothing. What
// is in hand of one that was killed waits for as long, so it is short, except for
// a member with a name, which is expected back.
func (s Settings) patience() time.Duration {
	if s.Instance != "" {
		return 30 * time.Second
	}
	return 10 * time.Second
}

// backoff returns the wait before a try: 0.1 s, doubled up to 2 s.
func backoff(tries int) time.Duration {
	return min(100*time.Millisecond<<min(max(tries-1, 0), 10), 2*time.Second)
}
