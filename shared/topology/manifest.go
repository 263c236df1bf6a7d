package topology

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifest is the part that all objects have in common.
type manifest struct {
	name        string
	namespace   string
	annotations map[string]string
	spec        *yaml.Node
	place       place
}

// The objects that a folder may hold, with the annotations that they know.
var kinds = map[string]struct {
	annotations []string
	read        func(*reader, manifest)
}{
	"eventing.knative.dev/v1 Broker":          {[]string{annotationClass, annotationTopic}, (*reader).broker},
	"eventing.knative.dev/v1 Trigger":         {[]string{annotationOrder}, (*reader).trigger},
	"eventing.knative.dev/v1alpha1 KafkaSink": {nil, (*reader).sink},
	"sources.knative.dev/v1 PingSource":       {nil, (*reader).tick},
}

const (
	annotationClass = "eventing.knative.dev/broker.class"
	annotationTopic = "kafka.eventing.knative.dev/external.topic"
	annotationOrder = "kafka.eventing.knative.dev/delivery.order"
)

func (r *reader) manifest(node *yaml.Node) {
	var version, kind string
	out := manifest{place: r.at(node), annotations: map[string]string{}}
	var metadata *yaml.Node
	complete := r.object(node, "the object", fields{
		"apiVersion": r.text("apiVersion", &version),
		"kind":       r.text("kind", &kind),
		"metadata":   func(value *yaml.Node) { metadata = value },
		"spec":       func(value *yaml.Node) { out.spec = value },
	}, "apiVersion", "kind", "metadata", "spec")
	if !complete {
		return
	}
	known, ok := kinds[version+" "+kind]
	if !ok {
		r.fault(node, "objects of kind %s (%s) are not known here", kind, version)
		return
	}
	if r.metadata(metadata, &out, known.annotations) {
		r.named(kind, out)
		known.read(r, out)
	}
}

func (r *reader) metadata(node *yaml.Node, into *manifest, annotations []string) bool {
	known := map[string]bool{}
	for _, name := range annotations {
		known[name] = true
	}
	return r.object(node, "metadata", fields{
		"name":      r.text("metadata.name", &into.name),
		"namespace": r.text("metadata.namespace", &into.namespace),
		"labels":    r.texts("metadata.labels", func(_, _ *yaml.Node) {}),
		"annotations": r.texts("metadata.annotations", func(key, value *yaml.Node) {
			if !known[key.Value] {
				r.fault(key, "metadata.annotations knows %s, got %q", orNone(annotations), key.Value)
				return
			}
			into.annotations[key.Value] = value.Value
		}),
	}, "name") && into.name != ""
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none here"
	}
	return strings.Join(names, " and ")
}

func (r *reader) named(kind string, m manifest) {
	for _, other := range r.objects {
		if other.kind == kind && other.name == m.name {
			r.faultAt(m.place, "there is a %s %q already, in %s:%d", kind, m.name, other.place.file, other.place.line)
			return
		}
	}
	r.objects = append(r.objects, object{kind, m.name, m.place})
}
