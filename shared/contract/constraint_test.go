package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// trial breaks one constraint of a schema after the other in a value that keeps
// all of them.
type trial struct {
	t     *testing.T
	root  map[string]any
	check func() error // of the whole value, as it is now
	texts bool         // the values are texts whatever happens, as headers are

	tried map[string]bool // the constraints, by their place
}

// constraint is what a schema says of a value. breaks returns a value that does
// not keep it; nil, if that is said otherwise.
func breaks(keyword string, bound, value any) any {
	n, _ := number(bound).(int64)
	switch keyword {
	case "type":
		if bound == "string" {
			return json.Number("7")
		}
		return "text"
	case "const", "enum", "pattern", "format":
		return "§"
	case "minimum":
		return n - 1
	case "maximum":
		return n + 1
	case "minLength":
		return ""
	case "maxLength":
		return strings.Repeat("AAAA", int(n)/4+1)
	case "maxItems":
		list, _ := value.([]any)
		return slices.Repeat(list[:1], int(n)+1)
	default:
		return nil
	}
}

// annotations are the keywords that bind nothing by themselves.
var annotations = []string{
	"$schema", "title", "description", "definitions", "$ref", "properties", "items", "additionalProperties", "contentEncoding", "x-known",
}

// walk tries all that is said of a value at a place of the document. Replace
// puts another value in its place.
func (r *trial) walk(place string, value any, replace func(any)) {
	r.t.Helper()
	schema := at(r.root, strings.Split(place, "/")...)
	if place == "" {
		schema = r.root
	}
	if to, ok := schema["$ref"].(string); ok {
		r.walk(strings.TrimPrefix(to, "#/"), value, replace)
		return
	}
	for keyword, bound := range schema {
		if !slices.Contains(annotations, keyword) {
			r.try(place, keyword, bound, value, replace)
		}
	}
	switch value := value.(type) {
	case []any:
		for i := range value {
			r.walk(below(place, "items"), value[i], func(other any) { value[i] = other })
		}
	case map[string]any:
		for name, field := range maps.Clone(value) {
			next := below(place, "properties", name)
			if _, named := at(schema, "properties")[name]; !named {
				next = below(place, "additionalProperties")
			}
			r.walk(next, field, func(other any) { value[name] = other })
		}
	}
}

func below(place string, fields ...string) string {
	return strings.TrimPrefix(place+"/"+strings.Join(fields, "/"), "/")
}

func (r *trial) try(place, keyword string, bound, value any, replace func(any)) {
	r.t.Helper()
	if keyword == "required" {
		r.tryRequired(place, bound, value)
		return
	}
	r.tried[place+" "+keyword] = true
	if keyword == "type" && r.texts {
		return
	}
	bad := breaks(keyword, bound, value)
	if bad == nil {
		r.t.Errorf("%s: nothing is known that breaks %s", place, keyword)
		return
	}
	replace(bad)
	r.expect(place, keyword)
	replace(value)
}

func (r *trial) tryRequired(place string, bound, value any) {
	r.t.Helper()
	object := value.(map[string]any)
	for _, one := range bound.([]any) {
		name := one.(string)
		field := object[name]
		delete(object, name)
		r.expect(place, "required")
		object[name] = field
		r.tried[place+" required "+name] = true
	}
}

// expect expects the value to be refused for the keyword, and for no other.
func (r *trial) expect(place, keyword string) {
	r.t.Helper()
	err := r.check()
	if err == nil {
		r.t.Errorf("%s: got a value that breaks %s taken, want it refused", place, keyword)
		return
	}
	fault, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !r.texts && (!ok || !slices.Contains(keywords(fault), keyword)) {
		r.t.Errorf("%s: got %v, want a fault of %s", place, err, keyword)
	}
}

func keywords(fault *jsonschema.ValidationError) []string {
	if len(fault.Causes) == 0 {
		return fault.ErrorKind.KeywordPath()
	}
	var out []string
	for _, cause := range fault.Causes {
		out = append(out, keywords(cause)...)
	}
	return out
}

// all returns every constraint of a document's part, by its place.
func (r *trial) all(place string, node any, into map[string]bool) {
	schema, ok := node.(map[string]any)
	if !ok {
		return
	}
	for keyword, bound := range schema {
		switch {
		case keyword == "properties" || keyword == "definitions":
			for name, field := range bound.(map[string]any) {
				r.all(below(place, keyword, name), field, into)
			}
		case keyword == "items" || keyword == "additionalProperties":
			r.all(below(place, keyword), bound, into)
		case keyword == "required":
			for _, name := range bound.([]any) {
				into[place+" required "+name.(string)] = true
			}
		case !slices.Contains(annotations, keyword):
			into[place+" "+keyword] = true
		}
	}
}

// TestConstraints breaks each constraint of each schema, and takes each required
// field away: every time the event is refused, for that reason. None is left out.
func TestConstraints(t *testing.T) {
	t.Parallel()
	c := published(t)
	for kind, event := range whole() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			record := recordOf(t, event)
			data, err := jsonschema.UnmarshalJSON(bytes.NewReader(record.Value))
			if err != nil {
				t.Fatal(err)
			}
			r := trial{t: t, root: schemaOf(t, kind), tried: map[string]bool{}, check: func() error {
				changed := record
				if changed.Value, err = json.Marshal(data); err != nil {
					return err
				}
				return c.Check(contract.Events, changed)
			}}
			if err := r.check(); err != nil {
				t.Fatalf("got %v for a whole event", err)
			}
			r.walk("", data, func(other any) { data = other })
			want := map[string]bool{}
			r.all("", r.root, want)
			if diff := cmp.Diff(want, r.tried); diff != "" {
				t.Errorf("constraints (there -, tried +):\n%s", diff)
			}
		})
	}
}

// TestHeaders does the same with what the document says of headers.
func TestHeaders(t *testing.T) {
	t.Parallel()
	c, tree := published(t), document(t)
	want, tried := map[string]bool{}, map[string]bool{}
	for name, schema := range at(tree, "components", "schemas") {
		(&trial{t: t}).all("components/schemas/"+name, schema, want)
	}
	records := letters(t)
	for kind, event := range whole() {
		records[messageOf(kind)] = recordOf(t, event)
	}
	for name := range at(tree, "components", "messages") {
		record, found := records[name]
		if !found {
			t.Errorf("there is no example of the message %s", name)
			continue
		}
		channel := contract.Events
		if name == "deadLetter" || name == "noEvent" {
			channel = contract.DeadLetters
		}
		headers := map[string]any{}
		for header, value := range record.Headers {
			headers[header] = value
		}
		r := trial{t: t, root: tree, texts: true, tried: tried, check: func() error {
			record.Headers = map[string]string{}
			for header, value := range headers {
				record.Headers[header], _ = value.(string)
			}
			return c.Check(channel, record)
		}}
		if err := r.check(); err != nil {
			t.Errorf("%s: got %v for a whole record", name, err)
		}
		place := "components/messages/" + name + "/headers"
		r.walk(place, headers, func(any) {})
		r.all(place, at(tree, strings.Split(place, "/")...), want)
	}
	for place := range want {
		if !tried[place] {
			t.Errorf("%s was not tried", place)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := published(t)
	tests := map[string]struct {
		channel string
		change  func(*contract.Record)
		want    string // "": it is taken
	}{
		"a field that is not known will do":  {contract.Events, func(r *contract.Record) { r.Value = []byte(`{"shard":7,"minute":1,"more":[]}`) }, ""},
		"a header that is not known will do": {contract.Events, func(r *contract.Record) { r.Headers["ce_traceparent"] = "x" }, ""},
		"another type will not":              {contract.Events, func(r *contract.Record) { r.Headers["ce_type"] = "x" }, `of the type "x"`},
		"nor a record without headers":       {contract.Events, func(r *contract.Record) { r.Headers = nil }, `of the type ""`},
		"nor an event in another channel":    {contract.DeadLetters, func(*contract.Record) {}, "no message of the channel deadLetters"},
		"nor a dead letter among events": {contract.Events, func(r *contract.Record) {
			r.Headers = map[string]string{"knativeerrordest": "x"}
		}, "no message of the channel events"},
		"nor data that is no JSON":   {contract.Events, func(r *contract.Record) { r.Value = []byte(`{"shard":`) }, "the data is no JSON"},
		"nor an event without data":  {contract.Events, func(r *contract.Record) { r.Value = nil }, "shardTick data"},
		"nor a key of another shard": {contract.Events, func(r *contract.Record) { r.Key = "8" }, `the partition key is "7" and the record's key "8"`},
		"nor a key that is no number": {contract.Events, func(r *contract.Record) {
			r.Key = "07"
			r.Headers["ce_partitionkey"] = "07"
		}, "shardTick key"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := recordOf(t, whole()[events.TypeShardTick])
			test.change(&record)
			err := c.Check(test.channel, record)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	t.Run("the strict contract wants to know everything", func(t *testing.T) {
		t.Parallel()
		for name, change := range map[string]func(*contract.Record){
			"a field":  func(r *contract.Record) { r.Value = []byte(`{"shard":7,"minute":1,"more":[]}`) },
			"a header": func(r *contract.Record) { r.Headers["ce_traceparent"] = "x" },
		} {
			record := recordOf(t, whole()[events.TypeShardTick])
			change(&record)
			if strict(t).Check(contract.Events, record) == nil {
				t.Errorf("got %s that is not known taken, want it refused", name)
			}
		}
		unknown := wholeResults()
		unknown.Rows[0].Fault = "gremlins"
		record := recordOf(t, made(events.TypeProbeResults, unknown))
		if err := c.Check(contract.Events, record); err != nil {
			t.Errorf("got %v, want a fault of a later version taken", err)
		}
		if strict(t).Check(contract.Events, record) == nil {
			t.Error("got a fault that is not known taken, want it refused")
		}
	})
}

// TestRows holds the bounds of the schema to those of the decoder: what the
// schema lets through is kept, and what is beyond its bounds is rejected.
func TestRows(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, events.TypeProbeResults)
	for name, node := range at(schema, "definitions", "row", "properties") {
		field := resolve(schema, node)
		if field["type"] != "integer" {
			continue
		}
		least, most := number(field["minimum"]).(int64), number(field["maximum"]).(int64)
		for value, kept := range map[int64]bool{least: true, most: true, most + 1: false, -1: false} {
			if got := keeps(t, name, value); got != kept {
				t.Errorf("%s of %d: got kept=%v, want %v", name, value, got, kept)
			}
		}
	}
}

// keeps tells whether the decoder keeps a row with the value in a field.
func keeps(t *testing.T, field string, value int64) bool {
	t.Helper()
	text, err := json.Marshal(map[string]any{"shard": 7, "location": "local", "rows": []map[string]any{{
		"endpoint": "shop/cart", "due": noon, "kind": monitor.Scheduled, "outcome": monitor.Passed, "us": 1, field: value,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var results events.ProbeResults
	if err := events.DecodeResults(text, &results); err != nil {
		t.Fatal(err)
	}
	return len(results.Rows) == 1
}
