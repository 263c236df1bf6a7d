package contract_test

import (
	"encoding"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/contract"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func schemaOf(t *testing.T, kind string) map[string]any {
	t.Helper()
	schema, err := contract.Schema(kind)
	if err != nil {
		t.Fatal(err)
	}
	return schema.(map[string]any)
}

// TestFields holds the schemas to the types of the code: each field that is
// written is described with its type, is required if it is always written, and
// nothing else is described.
func TestFields(t *testing.T) {
	t.Parallel()
	for kind, of := range map[string]reflect.Type{
		events.TypeProbeDue:        reflect.TypeFor[events.ProbeDue](),
		events.TypeProbeResults:    reflect.TypeFor[events.ProbeResults](),
		events.TypeShardTick:       reflect.TypeFor[events.ShardTick](),
		events.TypeIncidentChanged: reflect.TypeFor[events.IncidentChanged](),
		events.TypeRowRejected:     reflect.TypeFor[events.RowRejected](),
	} {
		c := comparison{t: t, root: schemaOf(t, kind)}
		c.compare(kind, c.root, of)
	}
}

// comparison walks through a type and the schema of what it is written as.
type comparison struct {
	t    *testing.T
	root map[string]any
}

func (c comparison) compare(where string, node any, of reflect.Type) {
	c.t.Helper()
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	schema := resolve(c.root, node)
	kind := jsonType(of)
	if kind == "" {
		return
	}
	if schema["type"] != kind {
		c.t.Errorf("%s: the type is %v, want %s", where, schema["type"], kind)
		return
	}
	switch {
	case kind == "array":
		c.compare(where+"[]", schema["items"], of.Elem())
	case of.Kind() == reflect.Map && of.Elem().Kind() != reflect.Interface:
		c.compare(where+"{}", schema["additionalProperties"], of.Elem())
	case kind == "object" && of.Kind() == reflect.Struct:
		c.compareFields(where, schema, of)
	}
}

func (c comparison) compareFields(where string, schema map[string]any, of reflect.Type) {
	c.t.Helper()
	fields, required := fieldsOf(of)
	if of == reflect.TypeFor[monitor.Result]() {
		delete(fields, "location") // it stands once, beside the rows
	}
	described, _ := schema["properties"].(map[string]any)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(described))); diff != "" {
		c.t.Errorf("%s: fields (written -, described +):\n%s", where, diff)
	}
	var said []string
	list, _ := schema["required"].([]any)
	for _, one := range list {
		said = append(said, one.(string))
	}
	slices.Sort(said)
	slices.Sort(required)
	if diff := cmp.Diff(required, said); diff != "" {
		c.t.Errorf("%s: always there (written -, required +):\n%s", where, diff)
	}
	for name, field := range fields {
		c.compare(where+"."+name, described[name], field)
	}
}

// fieldsOf returns the fields of a struct as JSON has them, and those of them
// that are always written.
func fieldsOf(of reflect.Type) (fields map[string]reflect.Type, required []string) {
	fields = map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(of) {
		tag, ok := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if !ok || name == "-" {
			continue
		}
		fields[name] = field.Type
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	return fields, required
}

// jsonType returns what values of the type are in JSON; "" where that is open.
func jsonType(of reflect.Type) string {
	if reflect.PointerTo(of).Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return "string"
	}
	switch of.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	default:
		return ""
	}
}

// resolve follows a reference inside a document.
func resolve(root map[string]any, node any) map[string]any {
	schema, _ := node.(map[string]any)
	if to, ok := schema["$ref"].(string); ok {
		schema = at(root, strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
	}
	return schema
}

// TestWords holds the words of the schemas to those of the domain.
func TestWords(t *testing.T) {
	t.Parallel()
	words := constants(t)
	for _, place := range []struct {
		words, kind string
		at          []string
	}{
		{"Outcome", events.TypeProbeResults, []string{"definitions", "row", "properties", "outcome", "enum"}},
		{"Kind", events.TypeProbeResults, []string{"definitions", "kind", "enum"}},
		{"Kind", events.TypeProbeDue, []string{"definitions", "kind", "enum"}},
		{"Fault", events.TypeProbeResults, []string{"definitions", "fault", "x-known"}},
		{"Fault", events.TypeIncidentChanged, []string{"definitions", "fault", "x-known"}},
		{"Health", events.TypeIncidentChanged, []string{"definitions", "health", "enum"}},
		{"Change", events.TypeIncidentChanged, []string{"properties", "change", "enum"}},
		{"Confirmation", events.TypeProbeDue, []string{"definitions", "alert", "properties", "confirm", "enum"}},
	} {
		var got []string
		list, _ := contract.At(schemaOf(t, place.kind), place.at...).([]any)
		for _, word := range list {
			got = append(got, word.(string))
		}
		slices.Sort(got)
		if diff := cmp.Diff(words[place.words], got); diff != "" {
			t.Errorf("%s at %v (code -, schema +):\n%s", place.words, place.at, diff)
		}
	}
}

// constants returns the texts of the domain's constants by their type.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("../monitor/*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok {
				note(out, spec)
			}
			return true
		})
	}
	for _, texts := range out {
		slices.Sort(texts)
	}
	return out
}

func note(out map[string][]string, spec *ast.ValueSpec) {
	of, ok := spec.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, value := range spec.Values {
		if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && text != "" {
				out[of.Name] = append(out[of.Name], text)
			}
		}
	}
}

// TestDefinitions holds what several schemas define to one definition.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	first := map[string]any{}
	for kind := range whole() {
		for name, definition := range at(schemaOf(t, kind), "definitions") {
			if known, ok := first[name]; ok && !cmp.Equal(known, definition) {
				t.Errorf("%s: %s is defined in two ways", kind, name)
			}
			first[name] = definition
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, bound := range []struct {
		want int
		kind string
		at   []string
	}{
		{events.MaxRows, events.TypeProbeResults, []string{"properties", "rows", "maxItems"}},
		{monitor.MaxExtract, events.TypeProbeResults, []string{"definitions", "row", "properties", "extract", "maxLength"}},
		{monitor.MaxTimeline, events.TypeIncidentChanged, []string{"definitions", "incident", "properties", "timeline", "maxItems"}},
		{monitor.MaxEvidence, events.TypeIncidentChanged, []string{"definitions", "transition", "properties", "evidence", "maxItems"}},
		{monitor.MaxUnmet, events.TypeIncidentChanged, []string{"definitions", "sight", "properties", "unmet", "maxItems"}},
	} {
		if got := number(contract.At(schemaOf(t, bound.kind), bound.at...)); got != int64(bound.want) {
			t.Errorf("%v: got %v, want %d", bound.at, got, bound.want)
		}
	}
}

// TestGolden holds the golden events to the contract, which must know all that
// is in them.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("../events/testdata"), "*.json")
	if err != nil || len(files) != len(whole()) {
		t.Fatalf("got %d golden events and %v, want %d", len(files), err, len(whole()))
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join("../events/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := strict(t).Check(contract.Events, recordOf(t, golden(t, text))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
