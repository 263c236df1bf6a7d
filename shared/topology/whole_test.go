package topology_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// with returns the manifests with one more file.
func with(t *testing.T, text string) fstest.MapFS {
	t.Helper()
	out := changed(t, "tick.yaml", "tick", "tick", 1)
	out["more.yaml"] = &fstest.MapFile{Data: []byte(text)}
	return out
}

const secondBroker = `
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata:
  name: other
  annotations:
    eventing.knative.dev/broker.class: Kafka
spec: {}
`

func triggerTo(name, function, filters string) string {
	return `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: ` + name + `
spec:
  broker: monitor
  filters: ` + filters + `
  subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: ` + function + `}}
  delivery:
    retry: 1
    backoffPolicy: linear
    backoffDelay: PT1S
    timeout: PT2M10S
    deadLetterSink: {ref: {apiVersion: eventing.knative.dev/v1alpha1, kind: KafkaSink, name: dead-letters}}
`
}

func wantFault(t *testing.T, files fstest.MapFS, slot time.Duration, want string) {
	t.Helper()
	_, err := topology.Load(files, slot)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error: got\n%v\nwant it to contain\n%s", err, want)
	}
}

func TestLoadWhole(t *testing.T) {
	t.Parallel()

	t.Run("refuses a second Broker", func(t *testing.T) {
		t.Parallel()
		wantFault(t, with(t, secondBroker), 10*time.Second, "more.yaml:2: there is a second Broker, other")
	})

	t.Run("refuses a folder without PingSource", func(t *testing.T) {
		t.Parallel()
		files := with(t, "")
		delete(files, "tick.yaml")
		wantFault(t, files, 10*time.Second, "there is no PingSource: nothing would ever be checked")
	})

	t.Run("refuses an empty folder", func(t *testing.T) {
		t.Parallel()
		wantFault(t, fstest.MapFS{}, 10*time.Second, "there is no Broker")
	})

	t.Run("refuses to hand a function the same event twice", func(t *testing.T) {
		t.Parallel()
		more := triggerTo("again", "probe", "[{exact: {type: monitor.probe.due.v1}}]")
		wantFault(t, with(t, more), 10*time.Second, "triggers.yaml:33: Triggers again and probe both hand monitor.probe.due.v1 to probe")
	})

	t.Run("refuses a loop over two functions", func(t *testing.T) {
		t.Parallel()
		more := triggerTo("back", "probe", "[{exact: {type: monitor.incident.changed.v1}}]")
		files := with(t, more)
		wantFault(t, files, 10*time.Second, "events would go round for ever: alert -> probe -> alert")
		wantFault(t, files, 10*time.Second, "Trigger back lets monitor.incident.changed.v1 through to probe, which does not take it")
	})

	t.Run("takes one Trigger for each location", func(t *testing.T) {
		t.Parallel()
		files := changed(t, "triggers.yaml", "EXISTS location", "EXISTS location AND location = 'eu'", 1)
		files["more.yaml"] = &fstest.MapFile{Data: []byte(
			triggerTo("probe-us", "probe", "[{all: [{exact: {type: monitor.probe.due.v1}}, {prefix: {location: us}}]}]"))}
		if _, err := topology.Load(files, 10*time.Second); err != nil {
			t.Errorf("two locations: got %v, want nil", err)
		}
	})

	t.Run("refuses another slot than the cadence", func(t *testing.T) {
		t.Parallel()
		wantFault(t, with(t, ""), 20*time.Second, "tick.yaml:2: PingSource tick: its ticks must come every 20s, the slot")
		wantFault(t, with(t, ""), 5*time.Second, "tick.yaml:2: PingSource tick: its ticks must come every 5s, the slot")
	})

	t.Run("takes minutes for slots of a minute", func(t *testing.T) {
		t.Parallel()
		files := changed(t, "tick.yaml", "*/10 * * * * *", "* * * * *", 1)
		triggers := string(files["triggers.yaml"].Data)
		files["triggers.yaml"].Data = []byte(strings.ReplaceAll(triggers, "PT130S", "PT230S"))
		if _, err := topology.Load(files, time.Minute); err != nil {
			t.Errorf("slots of a minute: got %v, want nil", err)
		}
	})

	t.Run("reports the faults of all files at once, in order", func(t *testing.T) {
		t.Parallel()
		files := changed(t, "triggers.yaml", "retry: 3", "retries: 3", 1)
		files["broker.yaml"].Data = []byte(strings.Replace(string(files["broker.yaml"].Data), "topic: monitor-events.dlq", "topik: monitor-events.dlq", 1))
		_, err := topology.Load(files, 10*time.Second)
		if err == nil {
			t.Fatal("error: got nil, want faults")
		}
		var places []string
		for line := range strings.Lines(err.Error()) {
			place, _, _ := strings.Cut(line, ": ")
			places = append(places, place)
		}
		want := "broker.yaml:23 broker.yaml:23 triggers.yaml:21 triggers.yaml:21"
		if got := strings.Join(places, " "); got != want {
			t.Errorf("places: got %s, want %s\n%v", got, want, err)
		}
	})
}
