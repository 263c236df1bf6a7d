package topology_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// changed returns the manifests with one text replaced by another, n times at
// most (-1: everywhere).
func changed(t *testing.T, file, old, replacement string, n int) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	names, err := fs.Glob(knative.Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(knative.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if !strings.Contains(string(text), old) {
				t.Fatalf("%s does not contain %q", file, old)
			}
			text = []byte(strings.Replace(string(text), old, replacement, n))
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const broker, tick, triggers = "broker.yaml", "tick.yaml", "triggers.yaml"
	tests := map[string]struct {
		file, old, replacement string
		want                   string
	}{
		"text that is no YAML":                 {tick, "spec:", "spec: [", "tick.yaml:5: is no YAML"},
		"an unknown kind":                      {tick, "kind: PingSource", "kind: PingSauce", "tick.yaml:2: objects of kind PingSauce (sources.knative.dev/v1) are not known here"},
		"an unknown version":                   {tick, "sources.knative.dev/v1", "sources.knative.dev/v9", "tick.yaml:2: objects of kind PingSource (sources.knative.dev/v9)"},
		"an object without a kind":             {tick, "kind: PingSource\n", "", `tick.yaml:2: the object needs the field "kind"`},
		"an unknown field":                     {triggers, "retry: 3", "retries: 3", `triggers.yaml:21: spec.delivery has no field "retries"; it knows backoffDelay, backoffPolicy, deadLetterSink, retry, timeout`},
		"a field at the wrong place":           {triggers, "    timeout: PT130S\n", "", `triggers.yaml:21: spec.delivery needs the field "timeout"`},
		"the same key twice":                   {triggers, "    retry: 3\n", "    retry: 3\n    retry: 4\n", `triggers.yaml:22: spec.delivery has the field "retry" twice, first on line 21`},
		"the same attribute twice":             {triggers, "      type: dev.knative.sources.ping\n", "      type: dev.knative.sources.ping\n      type: b\n", `triggers.yaml:15: spec.filter.attributes has the field "type" twice`},
		"a number where text is due":           {tick, "name: tick", "name: 7", "tick.yaml:5: metadata.name must be text"},
		"text where a number is due":           {triggers, "retry: 3", `retry: "3"`, "triggers.yaml:21: spec.delivery.retry must be a whole number of at least 0"},
		"a negative number":                    {triggers, "retry: 3", "retry: -3", "triggers.yaml:21: spec.delivery.retry must be a whole number"},
		"a list where an object is due":        {tick, "  sink:\n    ref:", "  sink:\n    - ref:", "tick.yaml:11: spec.sink must be an object"},
		"an alias":                             {triggers, "  name: schedule\nspec:\n  broker: monitor", "  name: &n schedule\nspec:\n  broker: *n", "triggers.yaml:11: spec.broker: write the value out; aliases are not read"},
		"an alias to nowhere":                  {triggers, "  broker: monitor\n  filter:", "  broker: *there\n  filter:", "is no YAML: unknown anchor"},
		"a misspelt annotation":                {triggers, "kafka.eventing.knative.dev/delivery.order", "kafka.eventing.knative.dev/delivery-order", `metadata.annotations knows kafka.eventing.knative.dev/delivery.order, got "kafka.eventing.knative.dev/delivery-order"`},
		"an unknown order":                     {triggers, "delivery.order: ordered", "delivery.order: sorted", `Trigger store: the annotation kafka.eventing.knative.dev/delivery.order must be ordered or unordered, got "sorted"`},
		"an unknown backoff":                   {triggers, "backoffPolicy: exponential", "backoffPolicy: cubic", `triggers.yaml:22: spec.delivery.backoffPolicy must be exponential or linear, got "cubic"`},
		"a duration that is not ISO 8601":      {triggers, "backoffDelay: PT0.2S", "backoffDelay: 200ms", `triggers.yaml:23: spec.delivery.backoffDelay must be a duration such as PT0.2S or PT2M, got "200ms"`},
		"a timeout beyond the platform's":      {triggers, "timeout: PT130S", "timeout: PT11M", `triggers.yaml:24: spec.delivery.timeout must be more than 0 and at most 10m0s, got "PT11M"`},
		"a timeout too short for the slot":     {triggers, "timeout: PT130S", "timeout: PT60S", "triggers.yaml:6: Trigger schedule: spec.delivery.timeout must be at least 2m10s with slots of 10s, got 1m0s"},
		"a Trigger without a dead letter sink": {triggers, "    deadLetterSink:\n      ref:\n        apiVersion: eventing.knative.dev/v1alpha1\n        kind: KafkaSink\n        name: dead-letters\n", "", `triggers.yaml:21: spec.delivery needs the field "deadLetterSink"`},
		"a dead letter sink that is not there": {broker, "name: dead-letters", "name: dead-letter", `there is no KafkaSink "dead-letters" in the manifests`},
		"a Trigger of another broker":          {triggers, "broker: monitor", "broker: default", `triggers.yaml:11: there is no Broker "default" in the manifests`},
		"a PingSource into another broker":     {tick, "name: monitor", "name: default", `tick.yaml:12: there is no Broker "default" in the manifests`},
		"a subscriber that is not there":       {triggers, "name: schedule\n  delivery", "name: scheduler\n  delivery", `Trigger schedule: there is no function "scheduler"; there are [alert notify probe schedule store]`},
		"a subscriber of another kind":         {triggers, "kind: Service", "kind: Deployment", `spec.subscriber.ref.kind must be Service or KafkaSink, got "Deployment"`},
		"a subscriber of another version":      {triggers, "serving.knative.dev/v1", "v1", `spec.subscriber.ref.apiVersion of a Service must be serving.knative.dev/v1, got "v1"`},
		"a broker of another class":            {broker, "broker.class: Kafka", "broker.class: MTChannelBasedBroker", `Broker monitor: the annotation eventing.knative.dev/broker.class must be Kafka, got "MTChannelBasedBroker"`},
		"two Triggers of one name":             {triggers, "name: probe\nspec", "name: schedule\nspec", `there is a Trigger "schedule" already, in triggers.yaml:6`},
		"an empty value":                       {triggers, "type: dev.knative.sources.ping", `type: ""`, "triggers.yaml:14: spec.filter.attributes.type must not be empty"},
		"an empty filter":                      {triggers, "    attributes:\n      type: dev.knative.sources.ping\n", "    attributes: {}\n", "spec.filter.attributes must be an object that is not empty"},
		"an empty list of filters":             {triggers, "  filters:\n    - cesql: type = 'monitor.probe.due.v1' AND EXISTS location\n", "  filters: []\n", "spec.filters must be a list that is not empty"},
		"two dialects in one filter":           {triggers, "    - cesql: type", "    - exact: {type: a}\n      cesql: type", "spec.filters: each filter has exactly one dialect, got 2"},
		"no dialect in a filter":               {triggers, "    - cesql: type = 'monitor.probe.due.v1' AND EXISTS location\n", "    - {}\n", "spec.filters: each filter has exactly one dialect, got 0"},
		"an unknown dialect":                   {triggers, "cesql: type", "js: type", `spec.filters has no field "js"; it knows all, any, cesql, exact, not, prefix, suffix`},
		"a bad attribute name":                 {triggers, "      type: dev.knative.sources.ping", "      the-type: dev.knative.sources.ping", `"the-type" is no name of an attribute`},
		"bad CESQL":                            {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "type = 'a' AND", "is no CloudEvents SQL"},
		"CESQL that makes the parser panic":    {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "type = = 1", "is no CloudEvents SQL"},
		"CESQL that is not true or false":      {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "LENGTH(type)", `"LENGTH(type)" must be true or false, it is 6`},
		"CESQL that is text at times":          {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "location", `"location" must be true or false, it is local`},
		"a bad schedule":                       {tick, "*/10 * * * * *", "*/10 * * * * * *", "tick.yaml:7: spec.schedule"},
		"a bad time zone":                      {tick, `spec:`, "spec:\n  timezone: Mars/Base", "tick.yaml:8: spec.schedule"},
		"a cadence that is not the slot":       {tick, "*/10 * * * * *", "*/20 * * * * *", "tick.yaml:2: PingSource tick: its ticks must come every 10s, the slot, but at 2025-01-01 00:00:20 there is one where 2025-01-01 00:00:10 is due"},
		"a cadence of minutes":                 {tick, "*/10 * * * * *", "* * * * *", "its ticks must come every 10s, the slot, but at 2025-01-01 00:01:00 there is one where 2025-01-01 00:00:10 is due"},
		"half an object":                       {tick, "apiVersion", "---\n# ", "tick.yaml:4: the object needs the field \"apiVersion\""},
		"no Broker":                            {broker, "kind: Broker", "kind: Brokers", "objects of kind Brokers"},
		"a type that nobody gets":              {triggers, "type: dev.knative.sources.ping", "type: dev.knative.sources.pong", "/apis/v1/namespaces/default/pingsources/tick emits dev.knative.sources.ping, but no Trigger lets it through"},
		"a function that misses a type":        {triggers, "        - exact:\n            type: monitor.incident.changed.v1\n", "", "alert emits monitor.incident.changed.v1, but no Trigger lets it through"},
		"a type that its function cannot take": {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "type LIKE 'monitor.probe.%'", "Trigger probe lets monitor.probe.results.v1 through to probe, which does not take it"},
		"a loop":                               {triggers, "type = 'monitor.probe.due.v1' AND EXISTS location", "type LIKE 'monitor.probe.%'", "events would go round for ever: probe -> probe"},
		"results out of order":                 {triggers, "delivery.order: ordered", "delivery.order: unordered", "Trigger store: monitor.probe.results.v1 must come in order: set the annotation"},
		"checks in order":                      {triggers, "  name: probe\nspec", "  name: probe\n  annotations:\n    kafka.eventing.knative.dev/delivery.order: ordered\nspec", "Trigger probe: monitor.probe.due.v1 must not wait for one another: leave out the annotation"},
		"rows to a sink out of thin air":       {broker, "spec:\n  topic: monitor-events.dlq", "spec:\n  topik: monitor-events.dlq", `spec has no field "topik"; it knows bootstrapServers, topic`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := topology.Load(changed(t, test.file, test.old, test.replacement, 1), 10*time.Second)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error: got\n%v\nwant it to contain\n%s", err, test.want)
			}
			if !errors.Is(err, monitor.Invalid) {
				t.Errorf("error: got code %q, want invalid", monitor.CodeOf(err))
			}
		})
	}
}
