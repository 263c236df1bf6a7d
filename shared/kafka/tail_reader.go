package kafka

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// How much a tail reads at once, in bytes as they travel; a broker sends one
// batch of records at least, however large. Results unpack to five times that.
const (
	responseBytes  = 512 << 10
	partitionBytes = 128 << 10
)

const (
	tailWait = 500 * time.Millisecond // how long a broker waits for records
	lookAt   = time.Second            // how old what is known of the topic may be
	hanging  = 10 * time.Second       // how long a broker may say nothing, if nobody says else
)

// tailing returns the configuration of a tail's connections, which end with ctx.
func (s Settings) tailing(ctx context.Context, hanging time.Duration) (*sarama.Config, error) {
	config, err := s.config("monitor-tail")
	if err != nil {
		return nil, err
	}
	config.Net.ReadTimeout, config.Net.WriteTimeout = hanging, hanging
	endWith(ctx, config)
	return config, nil
}

// reader reads the partitions that one broker leads.
type reader struct {
	*follower
	now    *layout
	broker *sarama.Broker
}

// run reads until it cannot go on.
func (r *reader) run(ctx context.Context) error {
	for seen := time.Now(); ctx.Err() == nil; {
		if time.Since(seen) > lookAt {
			if err := r.look(); err != nil {
				return err
			}
			seen = time.Now()
		}
		response, err := r.broker.Fetch(r.request())
		if err != nil {
			return err
		}
		if err := r.take(ctx, response); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// look fails where the topic is not what it was: one that was deleted and made
// again has the same name, and other records at the same offsets.
func (r *reader) look() error {
	now, err := describe(r.broker, r.now.name)
	if err == nil && (now.topic != r.now.topic || now.partitions != r.now.partitions) {
		return errLost
	}
	return err
}

func (r *reader) request() *sarama.FetchRequest {
	request := &sarama.FetchRequest{
		Version: 12, SessionEpoch: -1, // without a session, which would save nothing
		MinBytes: 1, MaxBytes: responseBytes, MaxWaitTime: int32(tailWait.Milliseconds()),
	}
	for _, partition := range r.now.leads[r.broker] {
		request.AddBlock(r.now.name, partition.ID, r.next(partition.ID), partitionBytes, partition.LeaderEpoch)
	}
	return request
}

func (r *reader) take(ctx context.Context, response *sarama.FetchResponse) error {
	if code := sarama.KError(response.ErrorCode); !errors.Is(code, sarama.ErrNoError) {
		return code
	}
	for _, partition := range r.now.leads[r.broker] {
		block := response.GetBlock(r.now.name, partition.ID)
		if block == nil {
			continue // the broker slows us down
		}
		if err := refusal(block.Err); err != nil {
			return err
		}
		for _, records := range block.RecordsSet {
			if !r.takeBatch(ctx, partition.ID, records.RecordBatch) {
				return ctx.Err()
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered = true
	return nil
}

func refusal(code sarama.KError) error {
	switch code {
	case sarama.ErrNoError:
		return nil
	case sarama.ErrOffsetOutOfRange:
		return errLost
	case sarama.ErrTopicAuthorizationFailed:
		return errNoRead
	default:
		return code
	}
}

// takeBatch passes over the records of a batch that were not passed before. It
// reports whether ctx let it.
func (r *reader) takeBatch(ctx context.Context, partition int32, batch *sarama.RecordBatch) bool {
	if batch == nil || batch.PartialTrailingRecord {
		return true
	}
	from := r.next(partition)
	for _, record := range batch.Records {
		offset := batch.FirstOffset + record.OffsetDelta
		if offset < from || batch.Control {
			continue
		}
		if !r.pass(ctx, &sarama.ConsumerMessage{
			Topic: r.now.name, Partition: partition, Offset: offset,
			Key: record.Key, Value: record.Value, Headers: record.Headers,
		}) {
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bookmark.next[partition] = max(r.bookmark.next[partition], batch.LastOffset()+1)
	return true
}

// tailed returns the event that a record holds, if the tail shows it. What the
// headers say is enough to pass over the others.
func tailed(record *sarama.ConsumerMessage) (events.Event, bool) {
	if !mayBeTailed(record.Headers) {
		return events.Event{}, false
	}
	e, err := eventOf(record)
	return e, err == nil && isTailed(e.Type())
}

func isTailed(kind string) bool {
	return kind == events.TypeProbeResults || kind == events.TypeIncidentChanged
}

// mayBeTailed looks for the event's type. One in structured mode has it in its
// data.
func mayBeTailed(headers []*sarama.RecordHeader) bool {
	structured := false
	for _, header := range headers {
		switch {
		case bytes.EqualFold(header.Key, []byte("ce_type")):
			return isTailed(string(header.Value))
		case bytes.EqualFold(header.Key, []byte("content-type")):
			structured = strings.HasPrefix(string(header.Value), "application/cloudevents")
		}
	}
	return structured
}
