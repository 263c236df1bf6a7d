package topology

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// reach follows every event type from who emits it to who gets it.
func (r *reader) reach() {
	flows := events.Flows()
	edges := map[string][]string{} // function -> functions that get what it emits
	for _, emitter := range slices.Sorted(maps.Keys(flows)) {
		for _, kind := range flows[emitter].Out {
			edges[emitter] = append(edges[emitter], r.follow(kind, "/functions/"+emitter, flows)...)
		}
	}
	for _, tick := range r.topology.Ticks {
		r.follow(events.TypePing, tick.Source, flows)
	}
	if loop := findLoop(edges); loop != nil {
		r.fault(nil, "events would go round for ever: %s", strings.Join(loop, " -> "))
		return
	}
	r.upstreamFirst(edges)
}

// follow notes dead ends of one type and returns the functions that get it.
func (r *reader) follow(kind, source string, flows map[string]events.Flow) []string {
	var got []string
	for _, t := range r.receivers(kind, source) {
		r.order(t, kind)
		if t.Subscriber.Kind != Service {
			got = append(got, "") // a sink is an end, but no dead one
			continue
		}
		function := t.Subscriber.Name
		if !slices.Contains(flows[function].In, kind) {
			r.faultAt(t.place, "Trigger %s lets %s through to %s, which does not take it", t.Name, kind, function)
		}
		got = append(got, function)
	}
	if len(got) == 0 {
		r.fault(nil, "%s emits %s, but no Trigger lets it through", source, kind)
	}
	for _, function := range slices.Sorted(maps.Keys(flows)) {
		if len(got) > 0 && slices.Contains(flows[function].In, kind) && !slices.Contains(got, function) {
			r.fault(nil, "%s takes %s, but no Trigger brings it there", function, kind)
		}
	}
	return slices.DeleteFunc(got, func(function string) bool { return function == "" })
}

// receivers returns the Triggers that can get the type.
func (r *reader) receivers(kind, source string) []*Trigger {
	samples := r.samples(kind, source)
	var out []*Trigger
	twice := map[[2]string]bool{}
	for i := range r.topology.Triggers {
		t := &r.topology.Triggers[i]
		passes := func(e events.Event) bool { return t.Matches(e) }
		if !slices.ContainsFunc(samples, passes) {
			continue
		}
		for _, other := range out {
			both := func(e events.Event) bool { return t.Matches(e) && other.Matches(e) }
			pair := [2]string{other.Name, t.Name}
			if t.Subscriber.Kind == Service && other.Subscriber == t.Subscriber && !twice[pair] && slices.ContainsFunc(samples, both) {
				twice[pair] = true
				r.faultAt(t.place, "Triggers %s and %s both hand %s to %s", other.Name, t.Name, kind, t.Subscriber.Name)
			}
		}
		out = append(out, t)
	}
	return out
}

// samples are events of the type with and without the extensions that the
// functions set, with every value that some filter asks for.
func (r *reader) samples(kind, source string) []events.Event {
	plain := func() cloudevents.Event {
		e := cloudevents.New()
		e.SetID("sample")
		e.SetType(kind)
		e.SetSource(source)
		return e
	}
	out := []events.Event{events.FromWire(plain())}
	words := []string{"local", "0"}
	for i := range r.topology.Triggers {
		words = append(words, r.topology.Triggers[i].Filter.words...)
	}
	for _, word := range words {
		e := plain()
		e.SetExtension(events.ExtensionKey, word)
		e.SetExtension(events.ExtensionLocation, word)
		out = append(out, events.FromWire(e))
	}
	return out
}

// order holds Triggers to the order that each type needs: what is keyed by
// shard in order; what takes a whole slot to handle out of order.
func (r *reader) order(t *Trigger, kind string) {
	needsOrder := kind == events.TypeProbeResults || kind == events.TypeShardTick || kind == events.TypeIncidentChanged
	switch {
	case t.Subscriber.Kind == Service && needsOrder && !t.Ordered:
		r.faultAt(t.place, "Trigger %s: %s must come in order: set the annotation %s: ordered", t.Name, kind, annotationOrder)
	case kind == events.TypeProbeDue && t.Ordered:
		r.faultAt(t.place, "Trigger %s: %s must not wait for one another: leave out the annotation %s", t.Name, kind, annotationOrder)
	}
}

func findLoop(edges map[string][]string) []string {
	var path []string
	done := map[string]bool{}
	var visit func(function string) []string
	visit = func(function string) []string {
		if i := slices.Index(path, function); i >= 0 {
			return append(slices.Clone(path[i:]), function)
		}
		if done[function] {
			return nil
		}
		path = append(path, function)
		for _, next := range edges[function] {
			if loop := visit(next); loop != nil {
				return loop
			}
		}
		path = path[:len(path)-1]
		done[function] = true
		return nil
	}
	for _, function := range slices.Sorted(maps.Keys(edges)) {
		if loop := visit(function); loop != nil {
			return loop
		}
	}
	return nil
}

// upstreamFirst sorts the Triggers by how far their subscriber stands from the
// end of the data's way; sinks come last.
func (r *reader) upstreamFirst(edges map[string][]string) {
	var height func(function string) int
	height = func(function string) int {
		most := 0
		for _, next := range edges[function] {
			most = max(most, 1+height(next))
		}
		return most
	}
	rank := func(t Trigger) int {
		if t.Subscriber.Kind != Service {
			return -1
		}
		return height(t.Subscriber.Name)
	}
	slices.SortStableFunc(r.topology.Triggers, func(a, b Trigger) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(a.Name, b.Name))
	})
}
