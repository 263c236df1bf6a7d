package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// Topic is a topic as it is to be.
type Topic struct {
	Name       string
	Partitions int32
	Replicas   int16
	InSync     int           // replicas that must have a record before it is acknowledged
	Retention  time.Duration // how long records are kept
	Longer     bool          // where the topic is there and keeps them longer, it may
	MaxRecord  int           // the largest batch of records, in bytes
}

// Topics returns the topics that the wiring uses: that of its Broker, and those
// of its KafkaSinks. The partitions divide the usual 64 shards evenly; they
// bound how many processes of a function share the work. Events are kept for as
// long as a function may be away, dead letters until people have looked at them.
func Topics(wiring topology.Topology) []Topic {
	out := []Topic{{Name: wiring.Topic, Partitions: 16, Replicas: 3, InSync: 2, Retention: 24 * time.Hour, MaxRecord: maxLetter}}
	for _, name := range slices.Sorted(maps.Values(wiring.Sinks)) {
		out = append(out, Topic{Name: name, Partitions: 4, Replicas: 3, InSync: 2, Retention: 14 * 24 * time.Hour, MaxRecord: maxLetter})
	}
	return out
}

// OnOneBroker returns the topics as a single broker can have them.
func OnOneBroker(topics []Topic) []Topic {
	out := slices.Clone(topics)
	for i := range out {
		out[i].Replicas, out[i].InSync = 1, 1
	}
	return out
}

// Check returns an Invalid error for every value that cannot be.
func (t Topic) Check() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, monitor.Errorf(monitor.Invalid, "the topic %s %s", t.Name, fmt.Sprintf(format, args...)))
		}
	}
	fault(t.Partitions < 1, "must have at least one partition, got %d", t.Partitions)
	fault(t.Replicas < 1, "must have at least one replica, got %d", t.Replicas)
	fault(t.InSync < 1 || t.InSync > int(t.Replicas), "must have from 1 to %d replicas in sync, got %d", t.Replicas, t.InSync)
	fault(t.Retention < time.Minute, "must keep records for at least a minute, got %s", t.Retention)
	fault(t.MaxRecord < maxLetter, "must take records of %d bytes, got %d", maxLetter, t.MaxRecord)
	return errors.Join(faults...)
}

const retentionMillis = "retention.ms"

// Config returns the topic's settings as Kafka names them.
func (t Topic) Config() map[string]string {
	return map[string]string{
		"cleanup.policy":      "delete",
		retentionMillis:       strconv.FormatInt(t.Retention.Milliseconds(), 10),
		"max.message.bytes":   strconv.Itoa(t.MaxRecord),
		"min.insync.replicas": strconv.Itoa(t.InSync),
		"compression.type":    "producer",
	}
}

// TopicReport says what became of a topic.
type TopicReport struct {
	Topic    Topic
	Created  bool
	Changed  []string // settings, each as "name: new value, was old value"
	Replicas int      // how many one that was there has
}

// String returns the report as a line for people.
func (r TopicReport) String() string {
	if r.Created {
		return fmt.Sprintf("created %s: %d partitions, replicas %d, records are kept for %s", r.Topic.Name, r.Topic.Partitions, r.Topic.Replicas, r.Topic.Retention)
	}
	line := r.Topic.Name + " is as it should be"
	if len(r.Changed) > 0 {
		line = "changed " + r.Topic.Name + ": " + strings.Join(r.Changed, "; ")
	}
	if r.Replicas != int(r.Topic.Replicas) {
		line += fmt.Sprintf("; replicas: it has %d and not %d, which only a reassignment of its partitions changes", r.Replicas, r.Topic.Replicas)
	}
	return line
}

// CreateTopics makes the topics what they are to be, as ApplyTopics does.
func CreateTopics(ctx context.Context, settings Settings, topics []Topic) error {
	_, err := ApplyTopics(ctx, settings, topics)
	return err
}

// ApplyTopics makes the topics what they are to be, and returns what it did: it
// creates those that are not there, and changes settings of those that are,
// never their partitions or replicas. It may be called as often as one likes, and
// by several at once. What is wrong with one topic does not keep it from the
// others. Invalid: a topic cannot be. Conflict: one has other partitions, or too
// few replicas for its settings; nothing of it was changed. Unavailable: the
// brokers cannot be reached, or refuse.
func ApplyTopics(ctx context.Context, settings Settings, topics []Topic) ([]TopicReport, error) {
	faults := []error{settings.Check()}
	for _, topic := range topics {
		faults = append(faults, topic.Check())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var reports []TopicReport
	err := administer(ctx, settings, func(admin sarama.ClusterAdmin) error {
		all := make([]TopicReport, 0, len(topics))
		var faults []error
		for _, topic := range topics {
			report, err := topic.apply(ctx, admin)
			if err != nil {
				faults = append(faults, explained(subject{settings: settings, topic: topic.Name}, err))
				continue
			}
			all = append(all, report)
		}
		reports = all
		return errors.Join(faults...)
	})
	return reports, err
}
