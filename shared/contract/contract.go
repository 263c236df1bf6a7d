package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// The channels of the document.
const (
	Events      = "events"
	DeadLetters = "deadLetters"
)

// Contract is the document with its schemas, ready to hold records against. It
// is safe for concurrent use.
type Contract struct {
	channels map[string]map[string]message // by channel and name of the message
}

// message is one message of the document; what it does not say is nil.
type message struct {
	kind                  string // the event type; "": any
	headers, key, payload *jsonschema.Schema
}

// Load returns the contract as it is published: fields and headers that it does
// not know will do.
func Load() (*Contract, error) { return load(func(any) {}) }

// Strict returns a contract that knows all there is: a field, a header or a word
// beyond it is a fault. It finds what the code emits and no document names.
func Strict() (*Contract, error) { return load(narrow) }

// base is where the documents lie for each other.
const base = "file:///contract/"

func load(adapt func(any)) (*Contract, error) {
	document, err := Document()
	if err != nil {
		return nil, err
	}
	adapt(document)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	err = compiler.AddResource(base+"asyncapi.yaml", document)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(Files, "schemas/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		schema, err := read(name)
		if err != nil {
			return nil, err
		}
		adapt(schema)
		if err := compiler.AddResource(base+name, schema); err != nil {
			return nil, err
		}
	}
	return compile(compiler, document)
}

// Document returns the AsyncAPI document as JSON values.
func Document() (any, error) {
	text, err := fs.ReadFile(Files, "asyncapi.yaml")
	if err != nil {
		return nil, err
	}
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	written, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(written))
}

// Schema returns the schema of an event type's data as JSON values.
func Schema(kind string) (any, error) { return read("schemas/" + kind + ".json") }

func read(name string) (any, error) {
	text, err := fs.ReadFile(Files, name)
	if err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

// narrow closes every object whose fields are named, and makes the words that
// are known the only ones.
func narrow(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, named := node["properties"].(map[string]any)
		if _, said := node["additionalProperties"]; named && !said {
			node["additionalProperties"] = false
		}
		if known, ok := node["x-known"]; ok {
			node["enum"] = known
		}
		for _, below := range node {
			narrow(below)
		}
	case []any:
		for _, below := range node {
			narrow(below)
		}
	}
}

// compile reads the messages of every channel.
func compile(compiler *jsonschema.Compiler, document any) (*Contract, error) {
	out := &Contract{channels: map[string]map[string]message{}}
	channels, _ := At(document, "channels").(map[string]any)
	for channel := range channels {
		out.channels[channel] = map[string]message{}
		messages, _ := At(document, "channels", channel, "messages").(map[string]any)
		for name := range messages {
			compiled, err := compileMessage(compiler, document, name)
			if err != nil {
				return nil, fmt.Errorf("message %s: %w", name, err)
			}
			out.channels[channel][name] = compiled
		}
	}
	return out, nil
}

func compileMessage(compiler *jsonschema.Compiler, document any, name string) (message, error) {
	place := []string{"components", "messages", name}
	kind, _ := At(document, slices.Concat(place, []string{"headers", "properties", "ce_type", "const"})...).(string)
	out := message{kind: kind}
	for _, part := range []struct {
		schema **jsonschema.Schema
		below  []string
	}{
		{&out.headers, []string{"headers"}},
		{&out.key, []string{"bindings", "kafka", "key"}},
		{&out.payload, []string{"payload", "schema"}},
	} {
		all := slices.Concat(place, part.below)
		if At(document, all...) == nil {
			continue
		}
		compiled, err := compiler.Compile(base + "asyncapi.yaml#/" + path.Join(all...))
		if err != nil {
			return message{}, err
		}
		*part.schema = compiled
	}
	return out, nil
}

// At returns what stands at a path of fields in JSON values; nil, if there is
// nothing.
func At(node any, fields ...string) any {
	for _, field := range fields {
		object, _ := node.(map[string]any)
		node = object[field]
	}
	return node
}

// Check returns an error that says all that is wrong with a record of the
// channel; also where no message of the channel is like it.
func (c *Contract) Check(channel string, r Record) error {
	name, m, found := c.messageOf(channel, r)
	if !found {
		return fmt.Errorf("no message of the channel %s is of the type %q", channel, r.Headers["ce_type"])
	}
	return m.check(name, r)
}

func (c *Contract) messageOf(channel string, r Record) (string, message, bool) {
	messages := c.channels[channel]
	for header, name := range map[string]string{"ce_knativeerrordest": "deadLetter", "knativeerrordest": "noEvent"} {
		m, known := messages[name]
		if _, ok := r.Headers[header]; ok && known {
			return name, m, true
		}
	}
	for name, m := range messages {
		if m.kind != "" && m.kind == r.Headers["ce_type"] {
			return name, m, true
		}
	}
	return "", message{}, false
}

func (m message) check(name string, r Record) error {
	attributes := map[string]any{}
	for header, value := range r.Headers {
		attributes[header] = value
	}
	faults := []error{validate(m.headers, attributes, name+" headers"), validate(m.key, r.Key, name+" key")}
	if key, ok := r.Headers["ce_partitionkey"]; ok && key != r.Key {
		faults = append(faults, fmt.Errorf("%s: the partition key is %q and the record's key %q", name, key, r.Key))
	}
	if m.payload != nil {
		faults = append(faults, m.checkData(name, r.Value))
	}
	return errors.Join(faults...)
}

func (m message) checkData(name string, value []byte) error {
	var data any
	if len(value) > 0 {
		var err error
		if data, err = jsonschema.UnmarshalJSON(bytes.NewReader(value)); err != nil {
			return fmt.Errorf("%s: the data is no JSON: %w", name, err)
		}
	}
	return validate(m.payload, data, name+" data")
}

func validate(schema *jsonschema.Schema, value any, what string) error {
	if schema == nil {
		return nil
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
