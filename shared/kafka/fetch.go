package kafka

import (
	"time"

	"github.com/IBM/sarama"
)

// place is where a record lies in a topic.
type place struct {
	partition int32
	offset    int64
}

// offsetsOf asks each leader once for the offsets of all its partitions of the
// topic: the first or the next one, or the first one since a time in
// milliseconds, which is -1 where there is none.
func offsetsOf(client sarama.Client, topic string, which int64) (map[int32]int64, error) {
	partitions, err := client.Partitions(topic)
	if err != nil {
		return nil, err
	}
	questions := map[*sarama.Broker]*sarama.OffsetRequest{}
	for _, partition := range partitions {
		leader, err := client.Leader(topic, partition)
		if err != nil {
			return nil, err
		}
		if questions[leader] == nil {
			questions[leader] = sarama.NewOffsetRequest(client.Config().Version)
		}
		questions[leader].AddBlock(topic, partition, which, 1)
	}
	out := map[int32]int64{}
	for leader, question := range questions {
		answer, err := leader.GetAvailableOffsets(question)
		if err != nil {
			_ = leader.Close() // the next question opens it again
			return nil, err
		}
		for partition, block := range answer.Blocks[topic] {
			if block.Err != sarama.ErrNoError {
				return nil, block.Err
			}
			out[partition] = block.Offset
		}
	}
	if len(out) < len(partitions) {
		return nil, sarama.ErrIncompleteResponse
	}
	return out, nil
}

// fetchVersion is the oldest way to fetch that Kafka 4 knows.
const fetchVersion = 4

// fetch returns records from a place on, and the offset behind them: as many as
// the bytes hold, and those of one batch at least. There are none, and the offset
// is that of the place, where nothing lies there.
func fetch(client sarama.Client, topic string, at place, bytes int32) ([]*sarama.ConsumerMessage, int64, error) {
	leader, err := client.Leader(topic, at.partition)
	if err != nil {
		return nil, at.offset, err
	}
	question := &sarama.FetchRequest{Version: fetchVersion, MaxBytes: bytes}
	question.AddBlock(topic, at.partition, at.offset, bytes, -1)
	answer, err := leader.Fetch(question)
	if err != nil {
		_ = leader.Close() // the next question opens it again
		return nil, at.offset, err
	}
	block := answer.GetBlock(topic, at.partition)
	switch {
	case block == nil:
		return nil, at.offset, sarama.ErrIncompleteResponse
	case block.Err != sarama.ErrNoError:
		return nil, at.offset, block.Err
	}
	var out []*sarama.ConsumerMessage
	next := at.offset
	for _, records := range block.RecordsSet {
		batch := records.RecordBatch
		if batch == nil || batch.PartialTrailingRecord {
			continue
		}
		next = max(next, batch.FirstOffset+int64(batch.LastOffsetDelta)+1)
		for _, record := range batch.Records {
			if one := message(topic, at.partition, batch, record); one.Offset >= at.offset && !batch.Control {
				out = append(out, one)
			}
		}
	}
	return out, next, nil
}

func message(topic string, partition int32, batch *sarama.RecordBatch, record *sarama.Record) *sarama.ConsumerMessage {
	written := batch.FirstTimestamp.Add(record.TimestampDelta)
	if batch.LogAppendTime {
		written = batch.MaxTimestamp
	}
	return &sarama.ConsumerMessage{
		Topic: topic, Partition: partition, Offset: batch.FirstOffset + record.OffsetDelta, Timestamp: written,
		Key: record.Key, Value: record.Value, Headers: record.Headers,
	}
}

// writtenAt returns when the record at a place was written; zero: it is not there
// any more.
func writtenAt(client sarama.Client, topic string, at place) (time.Time, error) {
	records, _, err := fetch(client, topic, at, 1)
	if err != nil || len(records) == 0 {
		return time.Time{}, err
	}
	return records[0].Timestamp, nil
}
