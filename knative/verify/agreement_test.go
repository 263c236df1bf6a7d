package verify_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"go.uber.org/zap"
	eventingv1 "knative.dev/eventing/pkg/apis/eventing/v1"
	"knative.dev/eventing/pkg/eventfilter"
	"knative.dev/eventing/pkg/eventfilter/attributes"
	"knative.dev/eventing/pkg/eventfilter/subscriptionsapi"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// expressions are filters beyond those of the manifests.
var expressions = []string{
	"{exact: {type: monitor.probe.due.v1}}",
	"{exact: {type: monitor.probe.due.v1, location: eu-1}}",
	"{exact: {location: eu-1}}",
	"{exact: {subject: shop/checkout}}",
	`{exact: {weight: "5"}}`,
	"{prefix: {location: eu-}}",
	"{prefix: {type: monitor., source: /functions/}}",
	"{suffix: {type: .v1}}",
	"{not: {exact: {location: eu-1}}}",
	"{not: {prefix: {type: monitor.}}}",
	"{any: [{exact: {type: other.type}}, {exact: {location: eu-1}}]}",
	"{any: [{exact: {type: other.type}}, {exact: {type: monitor.shard.tick.v1}}]}",
	"{all: [{prefix: {type: monitor.}}, {suffix: {type: .v1}}]}",
	"{exact: {location: eu-1}}, {exact: {partitionkey: '3'}}",
	`{cesql: "EXISTS location AND location IN ('eu-1', 'us-1')"}`,
	`{cesql: "location = 'eu-1' OR type = 'other.type'"}`,
	`{cesql: "type LIKE 'monitor.%' AND NOT EXISTS subject"}`,
	`{cesql: "weight > 4"}`,
	`{cesql: "INT(partitionkey) < 5"}`,
}

func samples() []events.Event {
	var out []events.Event
	kinds := []string{
		events.TypePing, events.TypeProbeDue, events.TypeProbeResults, events.TypeShardTick,
		events.TypeIncidentChanged, events.TypeRowRejected, "other.type",
	}
	for _, kind := range kinds {
		for _, extensions := range []map[string]any{
			nil, {"location": "eu-1"}, {"location": "us-1", "partitionkey": "3"}, {"partitionkey": "7", "weight": 5},
		} {
			for _, subject := range []string{"", "shop/checkout"} {
				e := cloudevents.New()
				e.SetID("1")
				e.SetType(kind)
				e.SetSource("/functions/schedule")
				e.SetSubject(subject)
				for name, value := range extensions {
					e.SetExtension(name, value)
				}
				out = append(out, events.FromWire(e))
			}
		}
	}
	return out
}

// manifests are ours, and a Trigger with the expression.
func manifests(t *testing.T, expression string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"broker.yaml", "tick.yaml", "triggers.yaml"} {
		text, err := fs.ReadFile(knative.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	out["more.yaml"] = &fstest.MapFile{Data: []byte(`
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {name: more, namespace: default}
spec:
  broker: monitor
  filters: [` + expression + `]
  subscriber: {ref: {apiVersion: eventing.knative.dev/v1alpha1, kind: KafkaSink, name: dead-letters}}
  delivery:
    retry: 1
    backoffPolicy: linear
    backoffDelay: PT1S
    timeout: PT2M10S
    deadLetterSink: {ref: {apiVersion: eventing.knative.dev/v1alpha1, kind: KafkaSink, name: dead-letters}}
`)}
	return out
}

// theirs returns Knative's filter of every Trigger, as its dispatcher picks it:
// filters, where there are any, over filter.
func theirs(t *testing.T, files fs.FS) map[string]eventfilter.Filter {
	t.Helper()
	out := map[string]eventfilter.Filter{}
	for _, document := range documents(t, files) {
		trigger, ok := decode(t, document).(*eventingv1.Trigger)
		switch {
		case !ok:
		case len(trigger.Spec.Filters) > 0:
			out[trigger.Name] = subscriptionsapi.CreateSubscriptionsAPIFilters(zap.NewNop(), trigger.Spec.Filters)
		default:
			out[trigger.Name] = attributes.NewAttributesFilter(trigger.Spec.Filter.Attributes)
		}
	}
	return out
}

func TestFiltersAgree(t *testing.T) {
	t.Parallel()
	for _, expression := range expressions {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			files := manifests(t, expression)
			ours, err := topology.Load(files, 10*time.Second)
			if err != nil {
				t.Fatalf("load: %v", err)
			}
			filters := theirs(t, files)
			if len(filters) != len(ours.Triggers) {
				t.Fatalf("Triggers: got %d, Knative reads %d", len(ours.Triggers), len(filters))
			}
			for _, trigger := range ours.Triggers {
				for _, e := range samples() {
					want := filters[trigger.Name].Filter(t.Context(), e.Event) != eventfilter.FailFilter
					if got := trigger.Matches(e); got != want {
						t.Errorf("Trigger %s, event\n%s\ngot %t, Knative says %t", trigger.Name, e.Event, got, want)
					}
				}
			}
		})
	}
}
