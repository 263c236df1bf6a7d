package kafka

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"

	"github.com/IBM/sarama"
)

// NewPartitioner returns the partitioner of all topics: a key that is a number,
// as shards and batches are, goes to that number modulo the partitions, so that
// no partition has more shards than its share. Any other key is hashed, and a
// record without one goes anywhere.
func NewPartitioner(string) sarama.Partitioner { return partitioner{} }

type partitioner struct{}

// Partition returns the partition of a record.
func (partitioner) Partition(record *sarama.ProducerMessage, partitions int32) (int32, error) {
	if record.Key == nil {
		return rand.Int32N(partitions), nil //nolint:gosec // chance, not secrets
	}
	key, err := record.Key.Encode()
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(string(key), 10, 64)
	if err != nil {
		hash := fnv.New64a()
		_, _ = hash.Write(key) // it never fails
		number = hash.Sum64()
	}
	return int32(number % uint64(partitions)), nil //nolint:gosec // less than partitions
}

// RequiresConsistency tells that a key's partition must not depend on which
// partitions can be written to just now.
func (partitioner) RequiresConsistency() bool { return true }

// MessageRequiresConsistency tells that a record without key may go elsewhere.
func (partitioner) MessageRequiresConsistency(record *sarama.ProducerMessage) bool {
	return record.Key != nil
}
