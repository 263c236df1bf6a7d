package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"testing"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	eventingv1 "knative.dev/eventing/pkg/apis/eventing/v1"
	"knative.dev/eventing/pkg/apis/feature"
	sourcesv1 "knative.dev/eventing/pkg/apis/sources/v1"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/yaml"

	"github.com/api-endpoint-monitor/monitor/knative"
)

// object is what Knative's types have in common.
type object interface {
	apis.Defaultable
	apis.Validatable
}

// documents returns every document of every manifest.
func documents(t *testing.T, files fs.FS) [][]byte {
	t.Helper()
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
		for {
			document, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out = append(out, document)
		}
	}
	return out
}

func kindOf(t *testing.T, document []byte) string {
	t.Helper()
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(document, &head); err != nil {
		t.Fatal(err)
	}
	return head.Kind
}

// admission is the context in which the webhook of a cluster validates.
func admission() context.Context {
	ctx := feature.ToContext(context.Background(), feature.Flags{feature.DeliveryTimeout: feature.Enabled})
	return apis.WithinCreate(ctx)
}

// decode reads a document strictly into Knative's type and validates it. Kinds
// without a type in knative.dev/eventing give nil.
func decode(t *testing.T, document []byte) object {
	t.Helper()
	var into object
	switch kind := kindOf(t, document); kind {
	case "Broker":
		into = &eventingv1.Broker{}
	case "Trigger":
		into = &eventingv1.Trigger{}
	case "PingSource":
		into = &sourcesv1.PingSource{}
	default:
		return nil
	}
	if err := yaml.UnmarshalStrict(document, into); err != nil {
		t.Fatalf("decode: %v\n%s", err, document)
	}
	into.SetDefaults(admission())
	if err := into.Validate(admission()); err != nil {
		t.Fatalf("validate: %v\n%s", err, document)
	}
	return into
}

func TestManifests(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, document := range documents(t, knative.Files) {
		if decode(t, document) != nil {
			got[kindOf(t, document)]++
		}
	}
	if got["Broker"] != 1 || got["Trigger"] != 6 || got["PingSource"] != 1 {
		t.Errorf("objects that Knative takes: got %v, want 1 Broker, 6 Triggers, 1 PingSource", got)
	}
}
