package topology

import (
	"go.yaml.in/yaml/v3"
)

// oldFilter reads spec.filter: attributes that must all be equal.
func (r *reader) oldFilter(node *yaml.Node) *Filter {
	var filters []Filter
	r.object(node, "spec.filter", fields{
		"attributes": func(node *yaml.Node) { filters = r.comparisons(node, "spec.filter.attributes", exact) },
	}, "attributes")
	return r.all(filters)
}

// filters reads spec.filters: expressions that must all be true.
func (r *reader) filters(node *yaml.Node) *Filter {
	return r.all(r.expressions(node, "spec.filters"))
}

func (r *reader) all(filters []Filter) *Filter {
	if len(filters) == 0 {
		return nil // its fault is noted
	}
	joined := all(filters)
	return &joined
}

func (r *reader) expressions(node *yaml.Node, path string) []Filter {
	var out []Filter
	r.items(path, func(item *yaml.Node) {
		if one, ok := r.expression(item, path); ok {
			out = append(out, one)
		}
	})(node)
	return out
}

// expression reads one filter object, which has exactly one dialect.
func (r *reader) expression(node *yaml.Node, path string) (Filter, bool) {
	var found []Filter
	keep := func(filters []Filter, join func([]Filter) Filter) {
		if len(filters) > 0 {
			found = append(found, join(filters))
		}
	}
	before := len(r.faults)
	r.object(node, path, fields{
		"exact":  func(node *yaml.Node) { keep(r.comparisons(node, path+".exact", exact), all) },
		"prefix": func(node *yaml.Node) { keep(r.comparisons(node, path+".prefix", prefix), all) },
		"suffix": func(node *yaml.Node) { keep(r.comparisons(node, path+".suffix", suffix), all) },
		"all":    func(node *yaml.Node) { keep(r.expressions(node, path+".all"), all) },
		"any":    func(node *yaml.Node) { keep(r.expressions(node, path+".any"), anyOf) },
		"not": func(node *yaml.Node) {
			if one, ok := r.expression(node, path+".not"); ok {
				found = append(found, not(one))
			}
		},
		"cesql": func(node *yaml.Node) { keep(r.cesql(node, path+".cesql"), all) },
	})
	if len(r.faults) > before {
		return Filter{}, false
	}
	if len(node.Content) != 2 {
		r.fault(node, "%s: each filter has exactly one dialect, got %d", path, len(node.Content)/2)
		return Filter{}, false
	}
	return found[0], true
}

func (r *reader) comparisons(node *yaml.Node, path string, make func(name, want string) Filter) []Filter {
	var out []Filter
	r.texts(path, func(key, value *yaml.Node) {
		if !attributeName.MatchString(key.Value) {
			r.fault(key, "%s: %q is no name of an attribute", path, key.Value)
			return
		}
		out = append(out, make(key.Value, value.Value))
	})(node)
	return out
}
