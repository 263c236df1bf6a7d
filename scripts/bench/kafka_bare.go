package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// bare is sarama and nothing else: records that are ready are sent, and read by
// as many groups, which count and forget them. It sends with the host's settings;
// reading, it has more in memory than the host lets itself have.
type bare struct {
	producer sarama.AsyncProducer
	room     chan struct{} // holds a value for each record in flight
	faults   chan error
	groups   []sarama.ConsumerGroup
	stop     context.CancelFunc
	working  sync.WaitGroup
	known    map[int][][]byte // by results an event
}

func newBare(ctx context.Context, address string, read *tally) (way, error) {
	b := &bare{room: make(chan struct{}, inFlight), faults: make(chan error, 1), known: map[int][][]byte{}}
	ctx, b.stop = context.WithCancel(ctx)
	for i, name := range groups() {
		group, err := sarama.NewConsumerGroup([]string{address}, wayBare+"-"+name, bareConfig())
		if err != nil {
			return nil, errors.Join(err, b.close())
		}
		b.groups = append(b.groups, group)
		b.working.Go(func() {
			for ctx.Err() == nil {
				if err := group.Consume(ctx, []string{wayBare}, counting(func() { read.counts[i].Add(1) })); err != nil {
					b.fail(err)
					return
				}
			}
		})
	}
	var err error
	if b.producer, err = sarama.NewAsyncProducer([]string{address}, bareConfig()); err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.working.Go(func() {
		for range b.producer.Successes() {
			<-b.room
		}
	})
	b.working.Go(func() {
		for fault := range b.producer.Errors() {
			b.fail(fault)
			<-b.room
		}
	})
	return b, nil
}

func bareConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version, config.ChannelBufferSize = sarama.V3_6_0_0, 8
	config.Net.MaxOpenRequests = 1
	config.Producer.RequiredAcks, config.Producer.Idempotent = sarama.WaitForAll, true
	config.Producer.Compression, config.Producer.CompressionLevel = sarama.CompressionZSTD, 1
	config.Producer.Partitioner, config.Producer.Return.Successes = kafka.NewPartitioner, true
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Fetch.Default = 1<<20 + 16<<10
	config.Consumer.MaxProcessingTime = 10 * time.Second
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategySticky()}
	return config
}

func (b *bare) fail(err error) {
	select {
	case b.faults <- err:
	default: // the first one is told
	}
}

func (b *bare) send(ctx context.Context, o order) error {
	all := b.loads(o.results)
	headers := bareHeaders()
	for n := range o.events {
		select {
		case b.room <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		b.producer.Input() <- &sarama.ProducerMessage{
			Topic: wayBare, Key: sarama.StringEncoder(keyOf(n)), Value: sarama.ByteEncoder(all[n%len(all)]), Headers: headers,
		}
	}
	for range inFlight {
		b.room <- struct{}{}
	}
	for range inFlight {
		<-b.room
	}
	select {
	case err := <-b.faults:
		return err
	default:
		return nil
	}
}

// bareHeaders are those of an event.
func bareHeaders() []sarama.RecordHeader {
	var out []sarama.RecordHeader
	for _, one := range [][2]string{
		{"ce_specversion", "1.0"},
		{"ce_id", "1234"},
		{"ce_source", "/functions/probe"},
		{"ce_type", events.TypeProbeResults},
		{"ce_time", "2026-11-22T12:00:00.123456789Z"},
		{"content-type", "application/json"},
		{"ce_partitionkey", "12"},
	} {
		out = append(out, sarama.RecordHeader{Key: []byte(one[0]), Value: []byte(one[1])})
	}
	return out
}

func (b *bare) loads(results int) [][]byte {
	if b.known[results] == nil {
		for n := range loads {
			b.known[results] = append(b.known[results], events.AppendResults(nil, resultsOf(n, results)))
		}
	}
	return b.known[results]
}

func (b *bare) close() error {
	b.stop()
	var err error
	for _, group := range b.groups {
		err = errors.Join(err, group.Close())
	}
	if b.producer != nil {
		b.producer.AsyncClose()
	}
	b.working.Wait()
	return err
}

// counting is a group's handler that does nothing but count.
type counting func()

var _ sarama.ConsumerGroupHandler = counting(nil)

// Setup does nothing.
func (counting) Setup(sarama.ConsumerGroupSession) error { return nil }

// Cleanup does nothing.
func (counting) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim counts the records of one partition.
func (c counting) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for record := range claim.Messages() {
		session.MarkMessage(record, "")
		c()
	}
	return nil
}
