package kafka_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// strimzi is an object of Strimzi's: the parts of it that this product decides.
type strimzi struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		TopicName     string `yaml:"topicName"`
		Partitions    int32
		Replicas      int16
		Config        map[string]string
		Authorization struct{ ACLs []acl }
	}
}

type acl struct {
	Resource   struct{ Type, Name string }
	Operations []string
}

func objects(t *testing.T, file string) []strimzi {
	t.Helper()
	open, err := os.Open(filepath.Join("..", "..", "knative", "kafka", file))
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	var out []strimzi
	for documents := yaml.NewDecoder(open); ; {
		var one strimzi
		err := documents.Decode(&one)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, one)
	}
}

// TestStrimziTopics holds the manifests to what the command would create.
func TestStrimziTopics(t *testing.T) {
	t.Parallel()
	describe := func(name string, partitions int32, replicas int16, config map[string]string) string {
		return fmt.Sprintf("%s: %d partitions, %d replicas, %v", name, partitions, replicas, config)
	}
	var want, got []string
	for _, topic := range kafka.Topics(manifests(t)) {
		want = append(want, describe(topic.Name, topic.Partitions, topic.Replicas, topic.Config()))
	}
	for _, one := range objects(t, "topics.yaml") {
		if one.Kind != "KafkaTopic" || one.Metadata.Name != one.Spec.TopicName {
			t.Errorf("got a %s %s for the topic %q, want a KafkaTopic of its name", one.Kind, one.Metadata.Name, one.Spec.TopicName)
		}
		got = append(got, describe(one.Spec.TopicName, one.Spec.Partitions, one.Spec.Replicas, one.Spec.Config))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("topics.yaml (-want +got):\n%s", diff)
	}
}

// TestStrimziUsers holds the manifests to the list of rights. The topic operator
// creates topics, so nobody else needs the right to.
func TestStrimziUsers(t *testing.T) {
	t.Parallel()
	want, got := map[string]map[string]string{}, map[string]map[string]string{}
	for _, role := range kafka.Roles(manifests(t)) {
		if role.Name != kafka.RoleTopics {
			want[role.User()] = listed(role)
		}
	}
	for _, one := range objects(t, "users.yaml") {
		rights := map[string]string{}
		for _, right := range one.Spec.Authorization.ACLs {
			rights[right.Resource.Type+" "+right.Resource.Name] = strings.Join(right.Operations, " ")
		}
		got[one.Metadata.Name] = rights
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users.yaml (-want +got):\n%s", diff)
	}
}
