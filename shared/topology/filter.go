package topology

import (
	"slices"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// Filter decides which events a Trigger gets. The zero Filter lets none through.
type Filter struct {
	types   []string // where the filter is no more than a list of types
	matches func(e *cloudevents.Event) bool
	words   []string // values that it compares attributes with
}

// Matches tells whether the filter lets the event through.
func (f Filter) Matches(e events.Event) bool {
	if f.types != nil {
		return slices.Contains(f.types, e.Type())
	}
	return f.matches != nil && f.matches(&e.Event)
}

// ByType returns the filter that lets through events of the types.
func ByType(types ...string) Filter { return Filter{types: types} }

func everything() Filter {
	return Filter{matches: func(*cloudevents.Event) bool { return true }}
}

// all lets through what every one of the filters does.
func all(filters []Filter) Filter {
	if len(filters) == 1 {
		return filters[0]
	}
	return join(filters, func(e *cloudevents.Event) bool {
		for _, one := range filters {
			if !one.Matches(events.FromWire(*e)) {
				return false
			}
		}
		return true
	})
}

// anyOf lets through what at least one of the filters does.
func anyOf(filters []Filter) Filter {
	if len(filters) == 1 {
		return filters[0]
	}
	joined := join(filters, func(e *cloudevents.Event) bool {
		for _, one := range filters {
			if one.Matches(events.FromWire(*e)) {
				return true
			}
		}
		return false
	})
	for _, one := range filters {
		if one.types == nil {
			joined.types = nil
			return joined
		}
		joined.types = append(joined.types, one.types...)
	}
	return joined
}

func not(one Filter) Filter {
	return join([]Filter{one}, func(e *cloudevents.Event) bool { return !one.Matches(events.FromWire(*e)) })
}

func join(filters []Filter, matches func(*cloudevents.Event) bool) Filter {
	out := Filter{matches: matches}
	for _, one := range filters {
		out.words = append(out.words, one.words...)
	}
	return out
}

// exact, prefix and suffix compare one attribute.
func exact(name, want string) Filter {
	filter := compare(name, want, func(value string) bool { return value == want })
	if name == "type" {
		filter.types = []string{want}
	}
	return filter
}

func prefix(name, want string) Filter {
	return compare(name, want, func(value string) bool { return strings.HasPrefix(value, want) })
}

func suffix(name, want string) Filter {
	return compare(name, want, func(value string) bool { return strings.HasSuffix(value, want) })
}

func compare(name, want string, holds func(string) bool) Filter {
	return Filter{words: []string{want}, matches: func(e *cloudevents.Event) bool {
		value, ok := attribute(e, name)
		return ok && holds(value)
	}}
}
