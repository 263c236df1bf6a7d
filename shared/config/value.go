package config

import (
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// value reads any value that JSON can hold, as encoding/json would decode it.
func (r *reader) value(node *yaml.Node, depth int) (any, bool) {
	node, ok := r.visit(node)
	if !ok {
		return nil, false
	}
	if depth > maxDepth {
		r.fault(node, "", "a value must not be nested more than %d deep", maxDepth)
		return nil, false
	}
	switch node.Kind {
	case yaml.SequenceNode:
		return r.list(node, depth)
	case yaml.MappingNode:
		return r.object(node, depth)
	default:
		return r.scalar(node)
	}
}

func (r *reader) list(node *yaml.Node, depth int) (any, bool) {
	list := make([]any, 0, len(node.Content))
	for _, item := range node.Content {
		value, ok := r.value(item, depth+1)
		if !ok {
			return nil, false
		}
		list = append(list, value)
	}
	return list, true
}

func (r *reader) object(node *yaml.Node, depth int) (any, bool) {
	object := map[string]any{}
	for _, pair := range r.pairs(node, "the value") {
		value, ok := r.value(pair.value, depth+1)
		if !ok {
			return nil, false
		}
		object[pair.key.Value] = value
	}
	return object, true
}

func (r *reader) scalar(node *yaml.Node) (any, bool) {
	switch node.Tag {
	case "!!null":
		return nil, true
	case "!!bool":
		var value bool
		err := node.Decode(&value)
		return value, err == nil
	case "!!int", "!!float":
		var value float64
		if err := node.Decode(&value); err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
			r.fault(node, "put it in quotes if it is a text", "%s is no number that JSON knows", strconv.Quote(clip(node.Value)))
			return nil, false
		}
		return value, true
	default:
		return node.Value, true
	}
}
