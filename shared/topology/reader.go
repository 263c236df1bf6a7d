package topology

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader collects the topology and every fault of its manifests.
type reader struct {
	file     string
	faults   faults
	topology Topology
	objects  []object
	links    []object // to objects that must be there
}

// object is an object of a manifest, or the mention of one.
type object struct {
	kind  string
	name  string
	place place
}

// fields are the known fields of an object and how each is read.
type fields map[string]func(value *yaml.Node)

// object reads a mapping strictly and returns whether all required fields are
// there. path names it in faults.
func (r *reader) object(node *yaml.Node, path string, known fields, required ...string) bool {
	if node.Kind != yaml.MappingNode {
		r.fault(node, "%s must be an object", path)
		return false
	}
	first := map[string]int{}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if line, twice := first[key.Value]; twice {
			r.fault(key, "%s has the field %q twice, first on line %d", path, key.Value, line)
			continue
		}
		first[key.Value] = key.Line
		read, ok := known[key.Value]
		switch {
		case !ok:
			r.fault(key, "%s has no field %q; it knows %s", path, key.Value, list(known))
		case value.Kind == yaml.AliasNode:
			r.fault(value, "%s.%s: write the value out; aliases are not read", path, key.Value)
		default:
			read(value)
		}
	}
	complete := true
	for _, name := range required {
		if _, ok := first[name]; !ok {
			r.fault(node, "%s needs the field %q", path, name)
			complete = false
		}
	}
	return complete
}

func list(known fields) string {
	return strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}

// text reads text that is not empty.
func (r *reader) text(path string, into *string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		switch {
		case node.Kind != yaml.ScalarNode || node.Tag != "!!str":
			r.fault(node, "%s must be text", path)
		case node.Value == "":
			r.fault(node, "%s must not be empty", path)
		default:
			*into = node.Value
		}
	}
}

// word reads text that must be one of a few.
func (r *reader) word(path string, into *string, allowed ...string) func(*yaml.Node) {
	return func(node *yaml.Node) {
		r.text(path, into)(node)
		if *into != "" && !slices.Contains(allowed, *into) {
			r.fault(node, "%s must be %s, got %q", path, strings.Join(allowed, " or "), *into)
		}
	}
}

// count reads a whole number of at least 0.
func (r *reader) count(path string, into *int) func(*yaml.Node) {
	return func(node *yaml.Node) {
		value, err := strconv.Atoi(node.Value)
		if node.Kind != yaml.ScalarNode || node.Tag != "!!int" || err != nil || value < 0 {
			r.fault(node, "%s must be a whole number of at least 0", path)
			return
		}
		*into = value
	}
}

// texts reads a mapping of text to text with free keys.
func (r *reader) texts(path string, each func(key, value *yaml.Node)) func(*yaml.Node) {
	return func(node *yaml.Node) {
		if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
			r.fault(node, "%s must be an object that is not empty", path)
			return
		}
		seen := map[string]bool{}
		for i := 0; i < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if seen[key.Value] {
				r.fault(key, "%s has the field %q twice", path, key.Value)
				continue
			}
			seen[key.Value] = true
			var text string
			r.text(path+"."+key.Value, &text)(value)
			if text != "" {
				each(key, value)
			}
		}
	}
}

// items reads a list that is not empty.
func (r *reader) items(path string, each func(item *yaml.Node)) func(*yaml.Node) {
	return func(node *yaml.Node) {
		if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
			r.fault(node, "%s must be a list that is not empty", path)
			return
		}
		for _, item := range node.Content {
			each(item)
		}
	}
}
