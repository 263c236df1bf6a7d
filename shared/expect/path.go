package expect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxPaths is how many JSON paths one endpoint may expect values at.
const maxPaths = 50

// path is a dotted way into a JSON document and the value that is expected
// there. A step into a list is its index from 0.
type path struct {
	name  string
	steps []string
	want  any // as encoding/json decodes it
}

func compilePaths(wants map[string]any) ([]path, error) {
	if len(wants) > maxPaths {
		return nil, monitor.FieldErrorf("json", "must name at most %d paths, got %d", maxPaths, len(wants))
	}
	paths := make([]path, 0, len(wants))
	for name, value := range wants {
		steps := strings.Split(name, ".")
		if len(name) > MaxText || slices.Contains(steps, "") {
			return nil, monitor.FieldErrorf("json."+shorten(name),
				"is no path: write the steps with single dots between them, for example data.items.0.state")
		}
		want, err := plain(value)
		if err != nil {
			return nil, monitor.FieldErrorf("json."+name, "is no JSON value: %v", err)
		}
		paths = append(paths, path{name: name, steps: steps, want: want})
	}
	slices.SortFunc(paths, func(a, b path) int { return strings.Compare(a.name, b.name) })
	return paths, nil
}

// plain brings a value from YAML or Go to what encoding/json decodes, so that
// 1 and 1.0 are equal.
func plain(value any) (any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(data, &out)
}

func (p *path) judge(e *evaluation) {
	document, err := e.json()
	if err != nil {
		e.fail("json."+p.name, text(p.want), err.Error())
		return
	}
	got, found := p.find(document)
	switch {
	case !found:
		e.fail("json."+p.name, text(p.want), "nothing at this path")
	case !reflect.DeepEqual(got, p.want):
		e.fail("json."+p.name, text(p.want), text(got))
	}
}

func (p *path) find(document any) (any, bool) {
	for _, step := range p.steps {
		switch node := document.(type) {
		case map[string]any:
			value, found := node[step]
			if !found {
				return nil, false
			}
			document = value
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return nil, false
			}
			document = node[i]
		default:
			return nil, false
		}
	}
	return document, true
}

func text(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// json returns the body's document; it is parsed once.
func (e *evaluation) json() (any, error) {
	if e.parsed {
		return e.document, e.problem
	}
	e.parsed = true
	if e.answer.Truncated {
		e.problem = fmt.Errorf("the body is too long to be read as JSON: only its first %d bytes were kept", len(e.answer.Body))
		return nil, e.problem
	}
	decoder := json.NewDecoder(bytes.NewReader(e.answer.Body))
	if err := decoder.Decode(&e.document); err != nil {
		e.document, e.problem = nil, noJSON(err)
		return nil, e.problem
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		e.document, e.problem = nil, errors.New("the body is no JSON: more follows behind its first value")
	}
	return e.document, e.problem
}

func noJSON(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the body is no JSON: it is empty")
	}
	return fmt.Errorf("the body is no JSON: %w", err)
}
