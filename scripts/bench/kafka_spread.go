package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// KafkaSpread is how many of the results of so many endpoints, one of each, lay
// in each partition.
type KafkaSpread struct {
	Endpoints int     `json:"endpoints"`
	Results   []int   `json:"results"` // by partition
	Chance    balance `json:"chance"`  // what throwing dice gives, in the middle of many times
}

// balance is what the partitions with the least and the most have, of the mean.
type balance struct {
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

func balanceOf(counts []int) balance {
	mean := 0.
	for _, n := range counts {
		mean += float64(n) / float64(len(counts))
	}
	return balance{float64(slices.Min(counts)) / mean, float64(slices.Max(counts)) / mean}
}

// spreadOf emits a result of each endpoint, as probe does, and counts them where
// the broker has them.
func spreadOf(ctx context.Context, address string, endpoints int) (out KafkaSpread, err error) {
	wired := wiring(fmt.Sprintf("spread-%d", endpoints))
	if err := createTopics(ctx, address, wired); err != nil {
		return out, err
	}
	sender, err := kafka.NewSender(settingsOf(address), "bench", wired.Topic)
	if err != nil {
		return out, err
	}
	for _, results := range byShard(endpoints) {
		for rows := range slices.Chunk(results.Rows, events.MaxRows) {
			part := *results
			part.Rows = rows
			key := monitor.ShardKey(part.Shard)
			if err := sender.Emit(ctx, events.New(events.TypeProbeResults, events.Head{ID: key, Source: "probe", Key: key}, &part)); err != nil {
				return out, err
			}
		}
	}
	if err := sender.Close(ctx); err != nil {
		return out, err
	}
	counts, err := countRows(ctx, address, wired.Topic)
	if err != nil {
		return out, err
	}
	return KafkaSpread{Endpoints: endpoints, Results: counts, Chance: byChance(endpoints, len(counts))}, nil
}

// byShard returns the results of each shard that has endpoints.
func byShard(endpoints int) []*events.ProbeResults {
	out := make([]*events.ProbeResults, shards)
	for i := range out {
		out[i] = &events.ProbeResults{Shard: i, Location: "local"}
	}
	rows := resultsOf(0, endpoints).Rows
	for i := range rows {
		rows[i].Endpoint = likely(i)
		results := out[monitor.ShardOf(rows[i].Endpoint, shards)]
		results.Rows = append(results.Rows, rows[i])
	}
	return out
}

// likely returns the ID of an endpoint as people give it.
func likely(i int) string {
	spaces := []string{"shop", "payments", "search", "infra", "web", "mobile-api", "data"}
	kinds := []string{"api", "checkout", "health", "login", "gateway", "orders", "images", "status", "graphql", "worker"}
	chance := rand.New(rand.NewPCG(7, uint64(i))) //nolint:gosec // chance, not secrets
	return fmt.Sprintf("%s/%s-%d", spaces[chance.IntN(len(spaces))], kinds[chance.IntN(len(kinds))], i)
}

// countRows reads a topic from beginning to end.
func countRows(ctx context.Context, address, topic string) ([]int, error) {
	client, err := sarama.NewClient([]string{address}, sarama.NewConfig())
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	reader, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }()
	partitions, err := client.Partitions(topic)
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(partitions))
	for i, partition := range partitions {
		end, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
		if err != nil {
			return nil, err
		}
		one, err := reader.ConsumePartition(topic, partition, sarama.OffsetOldest)
		if err != nil {
			return nil, err
		}
		for next := int64(0); next < end; {
			var record *sarama.ConsumerMessage
			select {
			case record = <-one.Messages():
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			var results events.ProbeResults
			if err := events.DecodeResults(record.Value, &results); err != nil {
				return nil, err
			}
			counts[i] += len(results.Rows)
			next = record.Offset + 1
		}
		if err := one.Close(); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// throws is how often dice are thrown.
const throws = 101

// byChance returns what the emptiest and the fullest of the bins have once so
// many balls were thrown into them, in the middle of many times.
func byChance(balls, bins int) balance {
	chance := rand.New(rand.NewPCG(uint64(balls), uint64(bins))) //nolint:gosec // chance, not secrets
	var least, most []float64
	for range throws {
		counts := make([]int, bins)
		for range balls {
			counts[chance.IntN(bins)]++
		}
		s := balanceOf(counts)
		least, most = append(least, s.Least), append(most, s.Most)
	}
	slices.Sort(least)
	slices.Sort(most)
	return balance{least[throws/2], most[throws/2]}
}
