package topology

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Load reads every *.yaml file at the root of the folder. It returns all
// faults at once, as Invalid errors that begin with file:line:
//
//   - text that is no YAML, unknown kinds and fields, duplicate keys, wrong types;
//   - references to what is not there, Triggers without a dead letter sink;
//   - dead ends: an event type that someone emits and nobody gets, a Trigger
//     that hands a function what it does not take, or hands it the same twice;
//   - loops: events that come back to the function that emitted them;
//   - a shard's events unordered, or probe.due ordered;
//   - a cadence that is not the slot, a timeout that is too short for the slot.
func Load(folder fs.FS, slot time.Duration) (Topology, error) {
	files, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return Topology{}, monitor.Wrap(monitor.Invalid, err, "cannot list the manifests")
	}
	read := &reader{}
	for _, file := range files {
		read.fileOf(folder, file)
	}
	if len(read.faults) == 0 {
		read.check(slot)
	}
	if len(read.faults) > 0 {
		return Topology{}, read.faults.err()
	}
	return read.topology, nil
}

func (r *reader) fileOf(folder fs.FS, file string) {
	r.file = file
	open, err := folder.Open(file)
	if err != nil {
		r.fault(nil, "cannot be opened: %v", err)
		return
	}
	defer func() { _ = open.Close() }()
	documents := yaml.NewDecoder(open)
	for {
		var document yaml.Node
		err := documents.Decode(&document)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.syntax(err)
			return
		}
		if len(document.Content) == 1 {
			r.manifest(document.Content[0])
		}
	}
}
