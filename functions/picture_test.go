package functions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

func TestPictureOfReadme(t *testing.T) {
	t.Parallel()
	wired, err := topology.Load(knative.Files, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(readme(t), "```text\n")
	picture, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the README has no picture: a block that opens with ```text")
	}
	want := wires(wired)
	got := drawn(picture)
	got = slices.DeleteFunc(got, func(edge string) bool { return !carriesEvents(edge) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's picture is not what knative/ wires (-knative +README):\n%s", diff)
	}
}

// wires returns one line for each way that an event takes from one function to
// the next, sorted.
func wires(wired topology.Topology) []string {
	flows := events.Flows()
	flows["tick"] = events.Flow{Out: []string{events.TypePing}}
	var edges []string
	for from, flow := range flows {
		for _, kind := range flow.Out {
			event := events.New(kind, events.Head{ID: "1", Source: from, Key: "1", Location: "local"}, &struct{}{})
			for _, trigger := range wired.Triggers {
				if trigger.Matches(event) {
					edges = append(edges, from+" "+short(kind)+" "+trigger.Subscriber.Name)
				}
			}
		}
	}
	slices.Sort(edges)
	return edges
}

// short is how the picture names an event type.
func short(kind string) string {
	if kind == events.TypePing {
		return "ping"
	}
	return strings.TrimSuffix(strings.TrimPrefix(kind, "monitor."), ".v1")
}

// carriesEvents tells whether an edge of the picture is one of events. The
// others show what is kept, where notices go, and the streams of query.
func carriesEvents(edge string) bool {
	label := strings.Fields(edge)[1]
	return !slices.Contains([]string{"-", "tail", "SSE"}, label)
}
