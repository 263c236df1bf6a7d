package kafka_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func manifests(t testing.TB) topology.Topology {
	t.Helper()
	wiring, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return wiring
}

func TestTopics(t *testing.T) {
	t.Parallel()
	wiring := manifests(t)
	if wiring.Topic != "monitor-events" || wiring.Sinks["dead-letters"] != wiring.Topic+".dlq" {
		t.Errorf("topics of the manifests: got %s and %v, want monitor-events and its .dlq", wiring.Topic, wiring.Sinks)
	}
	applied(t, fake(t), wiring)
}

func TestBrokerTopics(t *testing.T) {
	t.Parallel()
	settings := plain(onBroker(t).Plain)
	applied(t, settings, nowhere(own(t, settings, wired(true))))
}

// nowhere gives the wiring topics that are not there.
func nowhere(wiring topology.Topology) topology.Topology {
	wiring.Topic += "-new"
	wiring.Sinks = map[string]string{"dead-letters": wiring.Topic + ".dlq"}
	return wiring
}

// lines are the reports as people read them, with E for the events' topic.
func lines(reports []kafka.TopicReport, wiring topology.Topology) string {
	var out []string
	for _, report := range reports {
		out = append(out, strings.ReplaceAll(report.String(), wiring.Topic, "E"))
	}
	return strings.Join(out, "\n")
}

// applied applies the topics again and again, as they are to be or not.
func applied(t *testing.T, settings kafka.Settings, wiring topology.Topology) {
	t.Helper()
	topics := kafka.OnOneBroker(kafka.Topics(wiring))
	apply := func(step, want string, wantErr monitor.Code, sentence string) {
		t.Helper()
		reports, err := kafka.ApplyTopics(t.Context(), settings, topics)
		if diff := cmp.Diff(want, lines(reports, wiring)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
		if wantErr == "" && err != nil || wantErr != "" && (monitor.CodeOf(err) != wantErr || !strings.Contains(err.Error(), sentence)) {
			t.Errorf("%s: got %v, want %s %s", step, err, wantErr, sentence)
		}
	}
	apply("the first time",
		"created E: 16 partitions, replicas 1, records are kept for 24h0m0s\ncreated E.dlq: 4 partitions, replicas 1, records are kept for 336h0m0s", "", "")
	apply("the second time", "E is as it should be\nE.dlq is as it should be", "", "")
	topics[0].Retention = 48 * time.Hour
	apply("with another retention", "changed E: retention.ms: 172800000, was 86400000\nE.dlq is as it should be", "", "")
	apply("with that once more", "E is as it should be\nE.dlq is as it should be", "", "")
	topics[0].Partitions = 32
	apply("with other partitions", "E.dlq is as it should be", monitor.Conflict,
		wiring.Topic+" has 16 partitions and not 32: keys would change their partition, so nothing was changed")
	topics[0].Partitions, topics[0].Replicas, topics[0].Retention = 16, 3, 24*time.Hour
	apply("with more replicas",
		"changed E: retention.ms: 86400000, was 172800000; replicas: it has 1 and not 3, which only a reassignment of its partitions changes\nE.dlq is as it should be", "", "")
	topics[0].InSync = 2
	apply("with more in sync than there are", "E.dlq is as it should be", monitor.Conflict, "no event could be sent any more, so nothing was changed")
	topics[0].Retention = time.Second
	apply("with a retention that cannot be", "", monitor.Invalid, "must keep records for at least a minute, got 1s")
}

// TestTopicsTogether has several create the topics at the same time.
func TestTopicsTogether(t *testing.T) {
	t.Parallel()
	together(t, fake(t), manifests(t))
}

func TestBrokerTopicsTogether(t *testing.T) {
	t.Parallel()
	settings := plain(onBroker(t).Plain)
	together(t, settings, nowhere(own(t, settings, wired(true))))
}

func together(t *testing.T, settings kafka.Settings, wiring topology.Topology) {
	t.Helper()
	topics := kafka.OnOneBroker(kafka.Topics(wiring))
	var all sync.WaitGroup
	var created log
	for range 4 {
		all.Go(func() {
			reports, err := kafka.ApplyTopics(t.Context(), settings, topics)
			if err != nil || len(reports) != len(topics) {
				t.Errorf("got %v and %v, want a report for each topic", reports, err)
			}
			for _, report := range reports {
				if report.Created {
					created.add(report.Topic.Name)
				}
			}
		})
	}
	all.Wait()
	if got := created.all(); len(got) != len(topics) {
		t.Errorf("created: got %v, want each topic once", got)
	}
}

// TestTopicsRights has the rights of the command granted one by one.
func TestTopicsRights(t *testing.T) {
	t.Parallel()
	b := onBroker(t)
	settings, user := login(t, b, kafka.RoleTopics)
	wiring := nowhere(own(t, plain(b.Plain), wired(true)))
	topics := kafka.OnOneBroker(kafka.Topics(wiring))[:1]
	apply := func() error {
		_, err := kafka.ApplyTopics(t.Context(), settings, topics)
		return err
	}
	steps := []struct {
		before func()
		want   string
		grant  sarama.AclOperation
	}{
		{func() {}, "Kafka does not show the topic " + wiring.Topic + " to the user " + user, sarama.AclOperationDescribe},
		{func() {}, "create the topic " + wiring.Topic + ": add an ACL for the operation CREATE", sarama.AclOperationCreate},
		{func() {}, "show the settings of the topic " + wiring.Topic, sarama.AclOperationDescribeConfigs},
		{func() {}, "", sarama.AclOperationUnknown},
		{func() { topics[0].Retention *= 2 }, "settings of the topic " + wiring.Topic + ": add an ACL for the operation ALTER_CONFIGS", sarama.AclOperationAlterConfigs},
		{func() {}, "", sarama.AclOperationUnknown},
	}
	for _, step := range steps {
		step.before()
		until(t, "the answer: "+step.want, patience, func() bool {
			err := apply()
			return step.want == "" && err == nil || err != nil && step.want != "" && strings.Contains(err.Error(), step.want)
		})
		if step.grant != sarama.AclOperationUnknown {
			grant(t, b, user, on(sarama.AclResourceTopic, wiring.Topic), step.grant)
		}
	}
}

// TestTopicsFewBrokers asks a cluster of one for three replicas.
func TestTopicsFewBrokers(t *testing.T) {
	t.Parallel()
	_, err := kafka.ApplyTopics(t.Context(), fake(t), kafka.Topics(manifests(t)))
	if monitor.CodeOf(err) != monitor.Unavailable || !strings.Contains(err.Error(), "set -one-broker where there is one only") {
		t.Errorf("got %v, want unavailable, and that -one-broker is to be set", err)
	}
}

// TestTopicsAway has no broker answer, or one that never does.
func TestTopicsAway(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, settings := range map[string]kafka.Settings{
		"nobody listens":      plain("127.0.0.1:1"),
		"its context is over": fake(t),
	} {
		ctx := ctx
		if name == "nobody listens" {
			ctx = t.Context()
		}
		if err := kafka.CreateTopics(ctx, settings, kafka.OnOneBroker(kafka.Topics(manifests(t)))); monitor.CodeOf(err) != monitor.Unavailable {
			t.Errorf("%s: got %v, want unavailable", name, err)
		}
	}
}
