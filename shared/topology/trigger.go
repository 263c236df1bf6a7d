package topology

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

func (r *reader) trigger(m manifest) {
	t := Trigger{Name: m.name, place: m.place}
	switch order := m.annotations[annotationOrder]; order {
	case "ordered":
		t.Ordered = true
	case "", "unordered":
	default:
		r.faultAt(m.place, "Trigger %s: the annotation %s must be ordered or unordered, got %q", m.name, annotationOrder, order)
	}
	var broker string
	var attributes, dialects *Filter
	before := len(r.faults)
	r.object(m.spec, "spec", fields{
		"broker": func(node *yaml.Node) {
			r.text("spec.broker", &broker)(node)
			r.links = append(r.links, object{"Broker", broker, r.at(node)})
		},
		"filter":     func(node *yaml.Node) { attributes = r.oldFilter(node) },
		"filters":    func(node *yaml.Node) { dialects = r.filters(node) },
		"subscriber": r.destination("spec.subscriber", &t.Subscriber, string(Service), string(KafkaSink)),
		"delivery":   func(node *yaml.Node) { r.delivery(node, &t.Delivery) },
	}, "broker", "subscriber", "delivery")
	switch {
	case dialects != nil:
		t.Filter = *dialects
	case attributes != nil:
		t.Filter = *attributes
	default:
		t.Filter = everything()
	}
	if len(r.faults) == before {
		r.topology.Triggers = append(r.topology.Triggers, t)
	}
}

// destination reads an object {ref: …} to one of the kinds.
func (r *reader) destination(path string, into *Ref, allowed ...string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		r.object(node, path, fields{"ref": func(node *yaml.Node) {
			r.ref(node, path+".ref", into, allowed)
		}}, "ref")
	}
}

var versions = map[string]string{
	"Broker":          "eventing.knative.dev/v1",
	string(Service):   "serving.knative.dev/v1",
	string(KafkaSink): "eventing.knative.dev/v1alpha1",
}

func (r *reader) ref(node *yaml.Node, path string, into *Ref, allowed []string) {
	var version, kind, name string
	complete := r.object(node, path, fields{
		"apiVersion": r.text(path+".apiVersion", &version),
		"kind":       r.word(path+".kind", &kind, allowed...),
		"name":       r.text(path+".name", &name),
	}, "apiVersion", "kind", "name")
	if !complete || !slices.Contains(allowed, kind) {
		return
	}
	if version != versions[kind] {
		r.fault(node, "%s.apiVersion of a %s must be %s, got %q", path, kind, versions[kind], version)
	}
	*into = Ref{Kind: Kind(kind), Name: name}
	if kind != string(Service) {
		r.links = append(r.links, object{kind, name, r.at(node)})
	}
}

func (r *reader) delivery(node *yaml.Node, into *Delivery) {
	var policy string
	r.object(node, "spec.delivery", fields{
		"retry":          r.count("spec.delivery.retry", &into.Retry),
		"backoffPolicy":  r.word("spec.delivery.backoffPolicy", &policy, "exponential", "linear"),
		"backoffDelay":   r.duration("spec.delivery.backoffDelay", &into.Delay),
		"timeout":        r.duration("spec.delivery.timeout", &into.Timeout),
		"deadLetterSink": r.destination("spec.delivery.deadLetterSink", &into.DeadLetter, string(KafkaSink)),
	}, "retry", "backoffPolicy", "backoffDelay", "timeout", "deadLetterSink")
	into.Linear = policy == "linear"
}

var isoDuration = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$`)

// duration reads an ISO 8601 duration of hours, minutes and seconds.
func (r *reader) duration(path string, into *time.Duration) func(*yaml.Node) {
	return func(node *yaml.Node) {
		match := isoDuration.FindStringSubmatch(node.Value)
		if node.Kind != yaml.ScalarNode || match == nil || strings.HasSuffix(node.Value, "T") {
			r.fault(node, "%s must be a duration such as PT0.2S or PT2M, got %q", path, node.Value)
			return
		}
		units := []time.Duration{time.Hour, time.Minute, time.Second}
		var sum float64
		for i, unit := range units {
			value, _ := strconv.ParseFloat(match[i+1], 64) // digits, or nothing for 0
			sum += value * float64(unit)
		}
		if *into = time.Duration(sum); *into <= 0 || sum > float64(maxTimeout) {
			r.fault(node, "%s must be more than 0 and at most %s, got %q", path, maxTimeout, node.Value)
		}
	}
}

// maxTimeout is the longest that a Knative service may take for one request.
const maxTimeout = 600 * time.Second
