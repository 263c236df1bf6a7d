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
)

// administer connects as an administrator, does the work, and disconnects. Where
// ctx ends first it cuts the connections, and waits for the work to fail.
func administer(ctx context.Context, settings Settings, work func(sarama.ClusterAdmin) error) error {
	config, err := settings.config("monitor")
	if err != nil {
		return err
	}
	config.Metadata.Full, config.Metadata.Retry.Max = true, 0 // an administrator has to find the controller, and hears at once
	config.Admin.Timeout = 15 * time.Second
	if err := inspect(ctx, subject{settings: settings}, need{}); err != nil {
		return err
	}
	client, err := newClient(settings, config)
	if err != nil {
		return subject{settings: settings}.explain(err)
	}
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		return errors.Join(subject{settings: settings}.explain(err), client.Close())
	}
	cut := context.AfterFunc(ctx, func() { _ = client.Close() })
	err = work(admin)
	if cut() {
		_ = client.Close()
	}
	if ctx.Err() != nil && err != nil {
		return monitor.Wrap(monitor.Unavailable, ctx.Err(), "Kafka did not do in time what was asked of it")
	}
	return err
}

// explained returns an error that is one of ours already as it is, and explains
// any other.
func explained(s subject, err error) error {
	if _, known := errors.AsType[*monitor.Error](err); known {
		return err
	}
	return s.explain(err)
}

// apply creates the topic, or changes the settings of the one that is there.
func (t Topic) apply(ctx context.Context, admin sarama.ClusterAdmin) (TopicReport, error) {
	report := TopicReport{Topic: t}
	there, err := t.describe(admin)
	if errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		err = t.create(admin)
		if !errors.Is(err, sarama.ErrTopicAlreadyExists) {
			report.Created = err == nil
			return report, err
		}
		there, err = t.await(ctx, admin) // somebody else was first
	}
	if err != nil {
		return report, err
	}
	if got := len(there.Partitions); got != int(t.Partitions) {
		return report, monitor.Errorf(monitor.Conflict, "the topic %s has %d partitions and not %d: keys would change their partition, so nothing was changed",
			t.Name, got, t.Partitions)
	}
	report.Replicas = fewest(there.Partitions)
	if report.Replicas < t.InSync {
		return report, monitor.Errorf(monitor.Conflict, "the topic %s has replicas %d, and %d must be in sync: no event could be sent any more, so nothing was changed",
			t.Name, report.Replicas, t.InSync)
	}
	report.Changed, err = t.settle(ctx, admin)
	return report, err
}

// fewest returns how many replicas the partition with the fewest has.
func fewest(partitions []*sarama.PartitionMetadata) int {
	counts := make([]int, len(partitions))
	for i, partition := range partitions {
		counts[i] = len(partition.Replicas)
	}
	return slices.Min(counts)
}

func (t Topic) create(admin sarama.ClusterAdmin) error {
	detail := &sarama.TopicDetail{NumPartitions: t.Partitions, ReplicationFactor: t.Replicas, ConfigEntries: map[string]*string{}}
	for name, value := range t.Config() {
		detail.ConfigEntries[name] = &value
	}
	return refused(admin.CreateTopic(t.Name, detail, false), errNoCreate)
}

func (t Topic) describe(admin sarama.ClusterAdmin) (*sarama.TopicMetadata, error) {
	there, err := admin.DescribeTopics([]string{t.Name})
	if err != nil {
		return nil, err
	}
	if len(there) != 1 {
		return nil, sarama.ErrIncompleteResponse
	}
	if there[0].Err != sarama.ErrNoError {
		return nil, there[0].Err
	}
	return there[0], nil
}

// await returns the topic that somebody else is creating.
func (t Topic) await(ctx context.Context, admin sarama.ClusterAdmin) (*sarama.TopicMetadata, error) {
	for {
		there, err := t.describe(admin)
		if !errors.Is(err, sarama.ErrUnknownTopicOrPartition) && !errors.Is(err, sarama.ErrLeaderNotAvailable) {
			return there, err
		}
		if !pause(ctx, 100*time.Millisecond) {
			return nil, err
		}
	}
}

// settle changes the settings that are not as they are to be, and returns once the
// brokers show them so.
func (t Topic) settle(ctx context.Context, admin sarama.ClusterAdmin) ([]string, error) {
	wanted := t.Config()
	entries, err := t.settings(admin, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return nil, refused(err, errNoDescribeConfigs)
	}
	changes := map[string]sarama.IncrementalAlterConfigsEntry{}
	var changed []string
	for _, entry := range entries {
		value, ok := wanted[entry.Name]
		if !ok || value == entry.Value || t.Longer && entry.Name == retentionMillis && t.isLonger(entry.Value) {
			continue
		}
		changes[entry.Name] = sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &value}
		changed = append(changed, entry.Name+": "+value+", was "+entry.Value)
	}
	if len(changes) == 0 {
		return nil, nil
	}
	slices.Sort(changed)
	if err := admin.IncrementalAlterConfig(sarama.TopicResource, t.Name, changes, false); err != nil {
		return nil, refused(err, errNoAlterConfigs)
	}
	return changed, t.shown(ctx, admin, changes)
}

// shown waits until the brokers have heard of the changes from their controller.
func (t Topic) shown(ctx context.Context, admin sarama.ClusterAdmin, changes map[string]sarama.IncrementalAlterConfigsEntry) error {
	for {
		entries, err := t.settings(admin, slices.Sorted(maps.Keys(changes)))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(entries, func(e sarama.ConfigEntry) bool { return *changes[e.Name].Value != e.Value }) {
			return nil
		}
		if !pause(ctx, 100*time.Millisecond) {
			return ctx.Err()
		}
	}
}

// isLonger tells whether a retention as Kafka writes it is longer than the
// topic's; -1 is for ever.
func (t Topic) isLonger(text string) bool {
	millis, err := strconv.ParseInt(text, 10, 64)
	return err == nil && (millis < 0 || millis > t.Retention.Milliseconds())
}

// settings returns the settings of those names that the topic has.
func (t Topic) settings(admin sarama.ClusterAdmin, names []string) ([]sarama.ConfigEntry, error) {
	there, err := admin.DescribeConfigs([]*sarama.ConfigResource{{Type: sarama.TopicResource, Name: t.Name, ConfigNames: names}}, sarama.DescribeConfigsOptions{})
	switch {
	case err != nil:
		return nil, err
	case len(there) != 1:
		return nil, sarama.ErrIncompleteResponse
	case there[0].ErrorCode != sarama.ErrNoError:
		return nil, there[0].ErrorCode
	}
	return there[0].Configs, nil
}

// refused tells which right is missing.
func refused(err, missing error) error {
	if errors.Is(err, sarama.ErrTopicAuthorizationFailed) || errors.Is(err, sarama.ErrClusterAuthorizationFailed) {
		return missing
	}
	return err
}
