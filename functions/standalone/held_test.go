package standalone_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// TestHeld holds that the events of all functions wait whose events come in
// order: these are the ones that keep something.
func TestHeld(t *testing.T) {
	t.Parallel()
	wiring, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var ordered []string
	for _, trigger := range wiring.Triggers {
		if trigger.Ordered && trigger.Subscriber.Kind == topology.Service {
			ordered = append(ordered, trigger.Subscriber.Name)
		}
	}
	slices.Sort(ordered)
	if diff := cmp.Diff(slices.Compact(ordered), slices.Sorted(slices.Values(standalone.Held()))); diff != "" {
		t.Errorf("functions whose events wait (-want +got):\n%s", diff)
	}
}
