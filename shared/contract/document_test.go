package contract_test

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func document(t *testing.T) map[string]any {
	t.Helper()
	tree, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	return tree.(map[string]any)
}

func wiring(t *testing.T) topology.Topology {
	t.Helper()
	out, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDocument holds the document to AsyncAPI's own schema of such documents.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/asyncapi-3.0.0.json")
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("file:///asyncapi.json", meta); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("file:///asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document(t)); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"an operation that does something else": func(d map[string]any) { at(d, "operations", "probe-takes")["action"] = "publish" },
		"a channel without an address's type":   func(d map[string]any) { at(d, "channels", "events")["address"] = 7.0 },
		"partitions that are no number":         func(d map[string]any) { at(d, "channels", "events", "bindings", "kafka")["partitions"] = "many" },
		"a document without a title":            func(d map[string]any) { delete(at(d, "info"), "title") },
	} {
		spoiled := document(t)
		spoil(spoiled)
		if schema.Validate(spoiled) == nil {
			t.Errorf("%s: got a valid document, want a fault", name)
		}
	}
}

func at(node any, fields ...string) map[string]any {
	out, _ := contract.At(node, fields...).(map[string]any)
	return out
}

// TestReferences follows every reference of the document.
func TestReferences(t *testing.T) {
	t.Parallel()
	tree := document(t)
	var follow func(node any)
	follow = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, below := range node {
				follow(below)
			}
		case map[string]any:
			if to, ok := node["$ref"].(string); ok {
				assertThere(t, tree, to)
			}
			for _, below := range node {
				follow(below)
			}
		}
	}
	follow(tree)
	names, err := fs.Glob(contract.Files, "schemas/*.json")
	if err != nil || len(names) != len(whole()) {
		t.Errorf("got %d schemas and %v, want one for each of %d event types", len(names), err, len(whole()))
	}
}

func assertThere(t *testing.T, tree any, to string) {
	t.Helper()
	if inside, ok := strings.CutPrefix(to, "#/"); ok {
		if contract.At(tree, strings.Split(inside, "/")...) == nil {
			t.Errorf("%s leads nowhere", to)
		}
		return
	}
	if _, err := fs.Stat(contract.Files, to); err != nil {
		t.Error(err)
	}
}

// TestTopics holds the channels to the topics that are created.
func TestTopics(t *testing.T) {
	t.Parallel()
	tree := document(t)
	type topic struct{ Partitions, Replicas, Retention, MaxRecord any }
	got, want := map[string]topic{}, map[string]topic{}
	for name := range at(tree, "channels") {
		kafka := at(tree, "channels", name, "bindings", "kafka")
		configured := at(kafka, "topicConfiguration")
		address, _ := contract.At(tree, "channels", name, "address").(string)
		got[address] = topic{number(kafka["partitions"]), number(kafka["replicas"]), number(configured["retention.ms"]), number(configured["max.message.bytes"])}
		if kafka["topic"] != address {
			t.Errorf("channel %s: got the topic %v at the address %s, want one name", name, kafka["topic"], address)
		}
	}
	for _, one := range kafka.Topics(wiring(t)) {
		want[one.Name] = topic{int64(one.Partitions), int64(one.Replicas), one.Retention.Milliseconds(), int64(one.MaxRecord)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("topics (created -, described +):\n%s", diff)
	}
}

func number(value any) any {
	if n, ok := value.(interface{ Int64() (int64, error) }); ok {
		whole, _ := n.Int64() // else it differs
		return whole
	}
	return value
}

// TestOperations holds the operations to the flows of the functions and to the
// consumer groups of the wiring.
func TestOperations(t *testing.T) {
	t.Parallel()
	tree := document(t)
	want := map[string][]string{"rejected-emits": {events.TypeRowRejected}, "rejected-takes": {events.TypeRowRejected}, "any-buries": {"deadLetter", "noEvent"}}
	for name, flow := range events.Flows() {
		want[name+"-takes"] = flow.In
		if len(flow.Out) > 0 {
			want[name+"-emits"] = flow.Out
		}
	}
	got := map[string][]string{}
	for name := range at(tree, "operations") {
		got[name] = messages(tree, at(tree, "operations", name))
		action := map[bool]string{true: "receive", false: "send"}[strings.HasSuffix(name, "-takes")]
		if said := contract.At(tree, "operations", name, "action"); said != action {
			t.Errorf("%s: got the action %v, want %s", name, said, action)
		}
	}
	for _, all := range []map[string][]string{got, want} {
		for _, kinds := range all {
			slices.Sort(kinds)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (code -, document +):\n%s", diff)
	}
	w := wiring(t)
	for _, trigger := range w.Triggers {
		group := contract.At(tree, "operations", trigger.Name+"-takes", "bindings", "kafka", "groupId", "const")
		if want := w.Broker + "-" + trigger.Name; group != want {
			t.Errorf("Trigger %s: got the group %v, want %s", trigger.Name, group, want)
		}
	}
}

// messages returns the names of the messages of an operation.
func messages(tree any, operation map[string]any) []string {
	var out []string
	list, _ := operation["messages"].([]any)
	for _, one := range list {
		to, _ := contract.At(one, "$ref").(string)
		in := at(tree, strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
		to, _ = in["$ref"].(string)
		name, _ := contract.At(tree, append(strings.Split(strings.TrimPrefix(to, "#/"), "/"), "name")...).(string)
		out = append(out, name)
	}
	return out
}
