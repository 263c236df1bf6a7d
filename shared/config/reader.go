package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	maxVisits = 4_000_000 // values that one load looks at, aliases followed
	maxDepth  = 20        // of a JSON value
)

// reader turns YAML values into Go values and collects what is wrong. A value
// that is wrong reads as the zero value.
type reader struct {
	file   string
	faults Faults
	visits int
}

// place is where a value stands.
type place struct {
	file string
	node *yaml.Node
}

func (r *reader) fault(at *yaml.Node, hint, format string, args ...any) {
	r.faultAt(place{r.file, at}, hint, format, args...)
}

func (r *reader) faultAt(at place, hint, format string, args ...any) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, Fault{
			File: at.file, Line: at.node.Line, Column: at.node.Column, Message: fmt.Sprintf(format, args...), Hint: hint,
		})
	}
}

// refuse reports an error that carries its own advice.
func (r *reader) refuse(at *yaml.Node, what string, err error) {
	text := err.Error()
	var known *monitor.Error
	if errors.As(err, &known) && known.Cause == nil {
		text = known.Message
	}
	r.fault(at, "", "%s: %s", what, text)
}

// visit follows aliases and counts, so that aliases of aliases come to an end.
func (r *reader) visit(node *yaml.Node) (*yaml.Node, bool) {
	r.visits++
	if r.visits > maxVisits {
		if r.visits == maxVisits+1 {
			r.fault(node, "write less, or use fewer aliases", "the definitions hold more than %d values", maxVisits)
		}
		return node, false
	}
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Style&yaml.TaggedStyle != 0 {
		r.fault(node, "leave it out", "tags such as %s are not supported", node.Tag)
		return node, false
	}
	return node, true
}

// field is one key of a mapping with its value.
type field struct{ key, value *yaml.Node }

// fields reads a mapping whose keys are all known; nil where it is none. Keys
// that are not known, and keys that stand twice, are faults.
func (r *reader) fields(node *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	pairs := r.pairs(node, what)
	if pairs == nil {
		return nil
	}
	found := map[string]*yaml.Node{}
	for _, f := range pairs {
		if !slices.Contains(known, f.key.Value) {
			r.fault(f.key, hintFor(f.key.Value, known), "unknown key %q in %s", clip(f.key.Value), what)
			continue
		}
		found[f.key.Value] = f.value
	}
	return found
}

// pairs reads a mapping in its own order; nil where it is none.
func (r *reader) pairs(node *yaml.Node, what string) []field {
	node, ok := r.visit(node)
	if !ok {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		r.fault(node, "write {key: value} or indented lines key: value", "%s must be a mapping", what)
		return nil
	}
	pairs := make([]field, 0, len(node.Content)/2)
	first := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode {
			r.fault(key, "", "a key of %s must be a word", what)
			continue
		}
		if line, twice := first[key.Value]; twice {
			r.fault(key, "keep one of them", "key %q of %s stands twice, first in line %d", clip(key.Value), what, line)
			continue
		}
		first[key.Value] = key.Line
		pairs = append(pairs, field{key, node.Content[i+1]})
	}
	return pairs
}

// items reads a list.
func (r *reader) items(node *yaml.Node, what string) []*yaml.Node {
	node, ok := r.visit(node)
	if !ok {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		r.fault(node, "write [a, b] or indented lines - a", "%s must be a list", what)
		return nil
	}
	return node.Content
}

// text reads a word, number or sentence as it is written, of most characters
// at most, in one line.
func (r *reader) text(node *yaml.Node, what string, most int) (string, bool) {
	text, ok := r.prose(node, what, most)
	if ok && strings.ContainsFunc(text, unicode.IsControl) {
		r.fault(node, "", "%s must not hold line ends or other control characters", what)
		return "", false
	}
	return text, ok
}

// prose reads a text of any number of lines.
func (r *reader) prose(node *yaml.Node, what string, most int) (string, bool) {
	node, ok := r.visit(node)
	if !ok {
		return "", false
	}
	switch {
	case node.Kind != yaml.ScalarNode:
		r.fault(node, "put it in quotes if it holds brackets or braces", "%s must be a text", what)
	case node.Tag == "!!null" || node.Value == "":
		r.fault(node, "write a value, or leave the key out", "%s is empty", what)
	case utf8.RuneCountInString(node.Value) > most:
		r.fault(node, "", "%s must have at most %d characters, got %d", what, most, utf8.RuneCountInString(node.Value))
	default:
		return node.Value, true
	}
	return "", false
}

// duration reads a duration within bounds; fallback where the key is missing.
func (r *reader) duration(node *yaml.Node, what string, low, high, fallback monitor.Duration) monitor.Duration {
	if node == nil {
		return fallback
	}
	text, ok := r.text(node, what, 40)
	if !ok {
		return fallback
	}
	d, err := monitor.ParseDuration(text)
	switch {
	case err != nil:
		hint := ""
		if _, number := strconv.ParseFloat(text, 64); number == nil {
			hint = fmt.Sprintf("did you mean %ss?", text)
		}
		r.fault(node, hint, "%s: %q is no duration: write for example 500ms, 10s, 1m30s or 14d", what, text)
	case d < low:
		r.fault(node, "", "%s must be at least %s, got %s", what, low, text)
	case d > high:
		r.fault(node, "", "%s must be at most %s, got %s", what, high, text)
	case d%millisecond != 0:
		r.fault(node, "", "%s must be whole milliseconds, got %s", what, text)
	default:
		return d
	}
	return fallback
}

// integer reads a whole number within bounds; fallback where the key is missing.
func (r *reader) integer(node *yaml.Node, what string, low, high, fallback int) int {
	if node == nil {
		return fallback
	}
	text, ok := r.text(node, what, 40)
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		r.fault(node, "", "%s must be a whole number from %d to %d, got %s", what, low, high, text)
		return fallback
	}
	return n
}

// flag reads true or false; fallback where the key is missing. Other words for
// them, such as yes and off, are refused: programs do not agree on those.
func (r *reader) flag(node *yaml.Node, what string, fallback bool) bool {
	if node == nil {
		return fallback
	}
	text, ok := r.text(node, what, 40)
	if !ok {
		return fallback
	}
	if text != "true" && text != "false" {
		r.fault(node, "", "%s must be true or false, got %s", what, text)
		return fallback
	}
	return text == "true"
}

// id reads a name for keys.
func (r *reader) id(node *yaml.Node, what string) (string, bool) {
	text, ok := r.text(node, what, 200)
	if !ok {
		return "", false
	}
	if !monitor.ValidID(text) {
		r.fault(node, "", "%s must be 1 to 100 of a-z, 0-9, dot, underscore and hyphen, got %q", what, text)
		return "", false
	}
	return text, true
}
