package kafka_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// usualShards is MONITOR_SHARDS where nobody sets it.
const usualShards = 64

// usualPartitions is how many partitions the topic of events has.
func usualPartitions() int { return int(kafka.Topics(wired(true))[0].Partitions) }

// partitionOf returns where the sender puts what has the key.
func partitionOf(t *testing.T, key string, partitions int) int {
	t.Helper()
	got, err := kafka.NewPartitioner("events").Partition(&sarama.ProducerMessage{Key: sarama.StringEncoder(key)}, int32(partitions)) //nolint:gosec // few
	if err != nil {
		t.Fatal(err)
	}
	return int(got)
}

// TestSpread holds the endpoints of a partition to what chance gives it: within
// five standard deviations of its share, however the endpoints are called. Ten
// endpoints cannot be even over 16 partitions.
func TestSpread(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]func(chance *rand.Rand, i int) string{
		"numbers":          func(_ *rand.Rand, i int) string { return fmt.Sprintf("shop/endpoint-%d", i) },
		"padded numbers":   func(_ *rand.Rand, i int) string { return fmt.Sprintf("shop/e%06d", i) },
		"tens":             func(_ *rand.Rand, i int) string { return fmt.Sprintf("shop/port-%d", 8000+10*i) },
		"one a namespace":  func(_ *rand.Rand, i int) string { return fmt.Sprintf("tenant-%d/health", i) },
		"hosts":            func(c *rand.Rand, i int) string { return fmt.Sprintf("web/%s-%d.eu-%d.example", word(c), i, c.IntN(3)) },
		"words":            func(c *rand.Rand, _ int) string { return word(c) + "/" + word(c) + "-" + word(c) },
		"random":           func(c *rand.Rand, _ int) string { return fmt.Sprintf("infra/%016x%016x", c.Uint64(), c.Uint64()) },
		"names and hashes": func(c *rand.Rand, i int) string { return fmt.Sprintf("shop/%s-%08x", word(c), c.Uint32()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, endpoints := range []int{10, 1000, 100_000} {
				chance := rand.New(rand.NewPCG(1, uint64(endpoints))) //nolint:gosec // the same each time
				counts := make([]int, usualPartitions())
				for i := range endpoints {
					shard := monitor.ShardOf(id(chance, i), usualShards)
					counts[partitionOf(t, monitor.ShardKey(shard), len(counts))]++
				}
				mean := float64(endpoints) / float64(len(counts))
				apart := 5 * math.Sqrt(mean*(1-1/float64(len(counts))))
				least, most := slices.Min(counts), slices.Max(counts)
				t.Logf("%6d endpoints: %5d to %5d a partition, %.2f to %.2f of the mean; by chance %.2f to %.2f",
					endpoints, least, most, float64(least)/mean, float64(most)/mean, max(mean-apart, 0)/mean, (mean+apart)/mean)
				if float64(least) < mean-apart || float64(most) > mean+apart {
					t.Errorf("%d endpoints: got %v, want %.0f and at most %.0f more or less in each", endpoints, counts, mean, apart)
				}
			}
		})
	}
}

func word(chance *rand.Rand) string {
	out := make([]byte, 4+chance.IntN(6))
	for i := range out {
		out[i] = byte('a' + chance.IntN(26))
	}
	return string(out)
}

// TestKeysSpread holds shards, and the batches of a slot, to as many in each
// partition, however many batches the timeouts allow.
func TestKeysSpread(t *testing.T) {
	t.Parallel()
	even := func(what string, keys, partitions int) {
		counts := make([]int, partitions)
		for key := range keys {
			counts[partitionOf(t, strconv.Itoa(key), partitions)]++
		}
		if slices.Max(counts)-slices.Min(counts) > 1 {
			t.Errorf("%s over %d partitions: got %v, want the same in each, or one more", what, partitions, counts)
		}
	}
	plan := monitor.Plan{Slot: 10 * time.Second, Batches: 16, Shards: usualShards}
	for _, partitions := range []int{4, 12, usualPartitions(), 24, 64} {
		even("shards", usualShards, partitions)
		for _, largest := range []time.Duration{time.Second, 10 * time.Second, time.Minute} {
			batches := plan.BatchCount(largest, 1)
			even(fmt.Sprintf("%d batches", batches), batches, partitions)
		}
	}
}
