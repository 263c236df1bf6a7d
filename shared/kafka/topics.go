package kafka

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
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

// CreateTopics creates the topics that are not there. It may be called as often
// as one likes: it leaves those that are there as they are. Conflict: one of them
// has other partitions; the others have been seen to. Unavailable: the brokers
// cannot be reached, or refuse.
func CreateTopics(ctx context.Context, settings Settings, topics []Topic) error {
	if err := settings.Check(); err != nil {
		return err
	}
	config, err := settings.config("monitor")
	if err != nil {
		return err
	}
	config.Metadata.Full, config.Metadata.Retry.Max = true, 0 // an administrator sees all, and hears at once
	ended := make(chan error, 1)
	go func() { ended <- create(settings, config, topics) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka did not create the topics in time")
	}
}

func create(settings Settings, config *sarama.Config, topics []Topic) error {
	admin, err := sarama.NewClusterAdmin(settings.Brokers, config)
	if err != nil {
		return subject{settings: settings}.explain(err)
	}
	defer func() { _ = admin.Close() }()
	var faults []error
	for _, topic := range topics {
		if err := topic.create(admin); err != nil {
			if _, known := errors.AsType[*monitor.Error](err); !known {
				err = subject{settings: settings, topic: topic.Name}.explain(err)
			}
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (t Topic) create(admin sarama.ClusterAdmin) error {
	err := admin.CreateTopic(t.Name, &sarama.TopicDetail{
		NumPartitions: t.Partitions, ReplicationFactor: t.Replicas, ConfigEntries: t.config(),
	}, false)
	if !errors.Is(err, sarama.ErrTopicAlreadyExists) {
		return err
	}
	there, err := admin.DescribeTopics([]string{t.Name})
	if err != nil {
		return err
	}
	for _, one := range there {
		if got := len(one.Partitions); got != int(t.Partitions) {
			return monitor.Errorf(monitor.Conflict, "the topic %s has %d partitions and not %d: keys would change their partition, so nothing was changed",
				t.Name, got, t.Partitions)
		}
	}
	return nil
}

func (t Topic) config() map[string]*string {
	entries := map[string]string{
		"cleanup.policy":      "delete",
		"retention.ms":        strconv.FormatInt(t.Retention.Milliseconds(), 10),
		"max.message.bytes":   strconv.Itoa(t.MaxRecord),
		"min.insync.replicas": strconv.Itoa(t.InSync),
		"compression.type":    "producer",
	}
	out := map[string]*string{}
	for name, value := range entries {
		out[name] = &value
	}
	return out
}
