package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// definition is a kind of object as a cluster knows it.
type definition struct {
	versions  []string
	structure *schema.Structural
	validator validation.SchemaValidator
}

func definitionOf(t *testing.T, file string) definition {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "strimzi", file))
	if err != nil {
		t.Fatal(err)
	}
	var custom apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &custom); err != nil {
		t.Fatal(err)
	}
	version := custom.Spec.Versions[0]
	var properties apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &properties, nil); err != nil {
		t.Fatal(err)
	}
	structure, err := schema.NewStructural(&properties)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(&properties)
	if err != nil {
		t.Fatal(err)
	}
	return definition{[]string{custom.Spec.Group + "/" + version.Name}, structure, validator}
}

// faults are what a cluster would refuse or drop of an object.
func (d definition) faults(object map[string]any) []string {
	var out []string
	if version, _ := object["apiVersion"].(string); !slices.Contains(d.versions, version) {
		out = append(out, "unknown version "+version)
	}
	for _, fault := range validation.ValidateCustomResource(nil, object, d.validator) {
		out = append(out, fault.Error())
	}
	unknown := pruning.PruneWithOptions(object, d.structure, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		out = append(out, "unknown field "+path)
	}
	return out
}

// TestStrimzi holds the manifests for Strimzi to its own definitions.
func TestStrimzi(t *testing.T) {
	t.Parallel()
	definitions := map[string]definition{
		"KafkaTopic": definitionOf(t, "kafkatopic.yaml"),
		"KafkaUser":  definitionOf(t, "kafkauser.yaml"),
	}
	got := map[string]int{}
	for _, document := range documents(t, os.DirFS(filepath.Join("..", "kafka"))) {
		var object map[string]any
		if err := yaml.UnmarshalStrict(document, &object); err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		kind, _ := object["kind"].(string)
		known, ok := definitions[kind]
		if !ok {
			t.Fatalf("got an object of kind %s\n%s", kind, document)
		}
		got[kind]++
		for _, fault := range known.faults(object) {
			t.Errorf("%s\n%s", fault, document)
		}
	}
	if got["KafkaTopic"] != 2 || got["KafkaUser"] != 8 {
		t.Errorf("objects: got %v, want 2 topics and 8 users", got)
	}
}

// TestStrimziRefuses has objects that Strimzi does not take.
func TestStrimziRefuses(t *testing.T) {
	t.Parallel()
	topic, user := definitionOf(t, "kafkatopic.yaml"), definitionOf(t, "kafkauser.yaml")
	for name, test := range map[string]struct {
		by   definition
		text string
		want string
	}{
		"another version":     {topic, "{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaTopic, spec: {}}", "unknown version"},
		"no partitions":       {topic, "{apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, spec: {partitions: 0}}", "spec.partitions"},
		"an unknown field":    {topic, "{apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, spec: {partition: 1}}", "unknown field spec.partition"},
		"an unknown login":    {user, "{apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, spec: {authentication: {type: plain}}}", "spec.authentication.type"},
		"an unknown right":    {user, acls("{resource: {type: topic, name: a}, operations: [Reed]}"), "operations[0]"},
		"an unknown resource": {user, acls("{resource: {type: queue, name: a}, operations: [Read]}"), "resource.type"},
	} {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(test.text), &object); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(test.by.faults(object), "\n"); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %s", name, got, test.want)
		}
	}
}

func acls(one string) string {
	return "{apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, spec: {authorization: {type: simple, acls: [" + one + "]}}}"
}
