package config

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Definition is what the files say, sorted by key.
type Definition struct {
	Endpoints []monitor.Endpoint
	Channels  []monitor.Channel
}

// Secrets returns nil if the namespace's secret is there, else what to do.
type Secrets func(namespace, name string) error

// Load reads the file, or the *.yaml files of the folder, at path. It reports
// everything that is wrong with what they say as Faults. A path where nothing
// is gives NotFound, and one that cannot be read Unavailable. Secrets are
// looked up by resolves; nil leaves that out.
func Load(path string, resolves Secrets) (Definition, error) {
	sources, err := read(path)
	if err != nil {
		return Definition{}, err
	}
	l := newLoader(resolves)
	for _, source := range sources {
		l.file = source.name
		if source.fault != "" {
			l.faults = append(l.faults, Fault{File: source.name, Message: source.fault, Hint: source.hint})
			continue
		}
		l.documents(source.data)
	}
	l.references()
	if len(l.faults) > 0 {
		return Definition{}, l.faults.sorted()
	}
	return l.definition(), nil
}

// loader collects what all documents say.
type loader struct {
	reader
	resolves  Secrets
	channels  map[string]defined[monitor.Channel]
	endpoints map[string]defined[monitor.Endpoint]
	told      []reference
	compiled  map[string]error // by CEL expression
}

// defined is a definition and where it stands.
type defined[T any] struct {
	value T
	at    place
}

// reference is a channel's name in an alert.
type reference struct {
	channel string // key
	at      place
}

func newLoader(resolves Secrets) *loader {
	return &loader{
		resolves:  resolves,
		channels:  map[string]defined[monitor.Channel]{},
		endpoints: map[string]defined[monitor.Endpoint]{},
		compiled:  map[string]error{},
	}
}

func (l *loader) documents(data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for n := 0; ; n++ {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			if n == 0 {
				l.empty(1)
			}
			return
		}
		if err != nil {
			l.syntax(err)
			return
		}
		l.document(root.Content[0])
	}
}

func (l *loader) empty(line int) {
	l.fault(&yaml.Node{Line: line, Column: 1}, "write endpoints, or endpoints: [] to watch nothing", "the document is empty")
}

var lineOf = regexp.MustCompile(`line (\d+): `)

func (l *loader) syntax(err error) {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if found := lineOf.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1])
		text = strings.Replace(text, found[0], "", 1)
	}
	l.fault(&yaml.Node{Line: line, Column: 1}, "look at the indentation (spaces, no tabs), quotes and brackets around this line",
		"this is no YAML: %s", text)
}

// references holds the channels that endpoints name to those that are defined.
func (l *loader) references() {
	for _, r := range l.told {
		if _, ok := l.channels[r.channel]; ok {
			continue
		}
		namespace, name, _ := strings.Cut(r.channel, "/")
		var names []string
		for key := range l.channels {
			if in, other, _ := strings.Cut(key, "/"); in == namespace {
				names = append(names, other)
			}
		}
		slices.Sort(names)
		hint := "define it under channels"
		if near := nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		l.faultAt(r.at, hint, "channel %q is not defined in namespace %s", name, namespace)
	}
}

func (l *loader) definition() Definition {
	d := Definition{
		Endpoints: make([]monitor.Endpoint, 0, len(l.endpoints)),
		Channels:  make([]monitor.Channel, 0, len(l.channels)),
	}
	for _, e := range l.endpoints {
		d.Endpoints = append(d.Endpoints, e.value)
	}
	for _, c := range l.channels {
		d.Channels = append(d.Channels, c.value)
	}
	slices.SortFunc(d.Endpoints, func(a, b monitor.Endpoint) int { return cmp.Compare(a.Key(), b.Key()) })
	slices.SortFunc(d.Channels, func(a, b monitor.Channel) int { return cmp.Compare(a.Key(), b.Key()) })
	return d
}
