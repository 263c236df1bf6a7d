package topology

import (
	"fmt"
	"regexp"

	v2 "github.com/cloudevents/sdk-go/sql/v2"
	"github.com/cloudevents/sdk-go/sql/v2/parser"
	"github.com/cloudevents/sdk-go/v2/event"
	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// cesql reads a CloudEvents SQL expression
// (https://github.com/cloudevents/spec/blob/main/cesql/spec.md). An event for
// which it fails, say for want of an attribute, does not pass.
func (r *reader) cesql(node *yaml.Node, path string) []Filter {
	var text string
	r.text(path, &text)(node)
	if text == "" {
		return nil
	}
	expression, err := parse(text)
	if err != nil {
		r.fault(node, "%s: %v", path, err)
		return nil
	}
	return []Filter{{words: literals(text), matches: func(e *event.Event) bool {
		value, err := evaluate(expression, e)
		pass, isBool := value.(bool)
		return err == nil && isBool && pass
	}}}
}

// parse refuses what is no expression and what cannot be true or false. The
// parser panics on some bad input.
func parse(text string) (expression v2.Expression, err error) {
	defer func() {
		if recover() != nil {
			expression, err = nil, fmt.Errorf("%q is no CloudEvents SQL", text)
		}
	}()
	expression, err = parser.Parse(text)
	if err != nil || expression == nil {
		return nil, fmt.Errorf("%q is no CloudEvents SQL: %w", text, err)
	}
	bare := event.New()
	bare.SetID("1")
	bare.SetType("sample")
	bare.SetSource("/sample")
	full := bare.Clone()
	full.SetExtension(events.ExtensionKey, "1")
	full.SetExtension(events.ExtensionLocation, "local")
	for _, sample := range []event.Event{bare, full} {
		value, err := evaluate(expression, &sample)
		if _, isBool := value.(bool); err == nil && !isBool {
			return nil, fmt.Errorf("%q must be true or false, it is %v", text, value)
		}
	}
	return expression, nil
}

func evaluate(expression v2.Expression, e *event.Event) (value any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			value, err = nil, fmt.Errorf("evaluation panics: %v", cause)
		}
	}()
	return expression.Evaluate(*e)
}

var literal = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)

func literals(text string) []string {
	var out []string
	for _, match := range literal.FindAllStringSubmatch(text, -1) {
		out = append(out, match[1]+match[2])
	}
	return out
}
