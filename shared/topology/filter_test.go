package topology_test

import (
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func sample(kind string, extensions map[string]any) events.Event {
	e := cloudevents.New()
	e.SetID("7")
	e.SetSource("/functions/schedule")
	e.SetType(kind)
	e.SetSubject("shop/checkout")
	for name, value := range extensions {
		e.SetExtension(name, value)
	}
	return events.FromWire(e)
}

// filterOf returns the filter of a Trigger that says this.
func filterOf(t *testing.T, filters string) topology.Filter {
	t.Helper()
	files := with(t, triggerToSink("sample", filters))
	got, err := topology.Load(files, 10*time.Second)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	for _, trigger := range got.Triggers {
		if trigger.Name == "sample" {
			return trigger.Filter
		}
	}
	t.Fatal("no Trigger sample")
	return topology.Filter{}
}

func triggerToSink(name, filters string) string {
	return `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: ` + name + `
spec:
  broker: monitor
  filter: {attributes: {type: overridden.by.filters}}
  filters: [` + filters + `]
  subscriber: {ref: {apiVersion: eventing.knative.dev/v1alpha1, kind: KafkaSink, name: dead-letters}}
  delivery:
    retry: 1
    backoffPolicy: linear
    backoffDelay: PT1S
    timeout: PT2M10S
    deadLetterSink: {ref: {apiVersion: eventing.knative.dev/v1alpha1, kind: KafkaSink, name: dead-letters}}
`
}

func TestFilter(t *testing.T) {
	t.Parallel()
	due := sample(events.TypeProbeDue, map[string]any{"location": "eu-1", "partitionkey": "3", "weight": 5})
	bare := sample("other.type", nil)
	tests := map[string]struct {
		filters   string
		due, bare bool
	}{
		"exact on the type":                 {"{exact: {type: monitor.probe.due.v1}}", true, false},
		"exact on two attributes":           {"{exact: {type: monitor.probe.due.v1, location: eu-2}}", false, false},
		"exact on an extension":             {"{exact: {location: eu-1}}", true, false},
		"exact on a number":                 {`{exact: {weight: "5"}}`, true, false},
		"exact on the subject":              {"{exact: {subject: shop/checkout}}", true, true},
		"prefix":                            {"{prefix: {location: eu-}}", true, false},
		"suffix":                            {"{suffix: {type: .v1}}", true, false},
		"not":                               {"{not: {exact: {location: eu-1}}}", false, true},
		"any":                               {"{any: [{exact: {type: other.type}}, {exact: {location: eu-1}}]}", true, true},
		"any of types":                      {"{any: [{exact: {type: other.type}}, {exact: {type: third}}]}", false, true},
		"all":                               {"{all: [{prefix: {type: monitor.}}, {suffix: {type: .v1}}]}", true, false},
		"two filters must both hold":        {"{exact: {location: eu-1}}, {exact: {partitionkey: '4'}}", false, false},
		"cesql":                             {`{cesql: "EXISTS location AND location IN ('eu-1', 'eu-2')"}`, true, false},
		"cesql on a missing attribute":      {`{cesql: "location = 'eu-1' OR type = 'other.type'"}`, true, false},
		"cesql that is no boolean at times": {`{cesql: "weight"}`, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filter := filterOf(t, test.filters)
			if got := filter.Matches(due); got != test.due {
				t.Errorf("due event: got %t, want %t", got, test.due)
			}
			if got := filter.Matches(bare); got != test.bare {
				t.Errorf("other event: got %t, want %t", got, test.bare)
			}
		})
	}
}

func TestFilterZero(t *testing.T) {
	t.Parallel()
	if (topology.Filter{}).Matches(sample("a", nil)) {
		t.Error("the zero filter: got true, want false")
	}
}

func BenchmarkTriggers(b *testing.B) {
	got, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		b.Fatal(err)
	}
	e := sample(events.TypeProbeResults, map[string]any{"partitionkey": "3"})
	for b.Loop() {
		for i := range got.Triggers {
			got.Triggers[i].Matches(e)
		}
	}
}
