package couchbase

import (
	"encoding/json"
	"maps"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// rawEntry is one endpoint or channel as JSON; empty in a change: it goes.
type rawEntry = json.RawMessage

// entries are endpoints and channels by their keys.
type entries struct {
	Endpoints map[string]rawEntry `json:"endpoints"`
	Channels  map[string]rawEntry `json:"channels"`
}

func newEntries() entries {
	return entries{Endpoints: map[string]rawEntry{}, Channels: map[string]rawEntry{}}
}

// gone stands in a change for what it removes.
func gone() rawEntry { return rawEntry("null") }

func isGone(entry rawEntry) bool { return len(entry) == 0 || string(entry) == "null" }

// entriesOf returns what a change puts and removes. Endpoints bear the revision
// that it makes. What is removed and put, is put.
func entriesOf(change monitor.CatalogChange, revision int64) (entries, error) {
	of := newEntries()
	for _, name := range change.DeleteEndpoints {
		of.Endpoints[name] = gone()
	}
	for _, name := range change.DeleteChannels {
		of.Channels[name] = gone()
	}
	for _, endpoint := range change.PutEndpoints {
		endpoint.Revision = revision
		body, err := encode(endpoint.Key(), endpoint)
		if err != nil {
			return of, err
		}
		of.Endpoints[endpoint.Key()] = body
	}
	for _, channel := range change.PutChannels {
		body, err := encode(channel.Key(), channel)
		if err != nil {
			return of, err
		}
		of.Channels[channel.Key()] = body
	}
	return of, nil
}

// apply makes the change in the entries. A second time changes nothing.
func (e entries) apply(change entries) {
	maps.Copy(e.Endpoints, change.Endpoints)
	maps.Copy(e.Channels, change.Channels)
	isRemoved := func(_ string, entry rawEntry) bool { return isGone(entry) }
	maps.DeleteFunc(e.Endpoints, isRemoved)
	maps.DeleteFunc(e.Channels, isRemoved)
}

// byPage returns the entries of each page that they belong to.
func (e entries) byPage() map[int]entries {
	pages := map[int]entries{}
	of := func(name string) entries {
		n := pageOf(name)
		if _, ok := pages[n]; !ok {
			pages[n] = newEntries()
		}
		return pages[n]
	}
	for name, entry := range e.Endpoints {
		of(name).Endpoints[name] = entry
	}
	for name, entry := range e.Channels {
		of(name).Channels[name] = entry
	}
	return pages
}

// parts returns the entries cut so that each part has about limit bytes at most.
func (e entries) parts(limit int) []entries {
	parts, size := []entries{newEntries()}, 0
	next := func(name string, entry rawEntry) entries {
		if size > 0 && size+sizeOf(name, entry) > limit {
			parts, size = append(parts, newEntries()), 0
		}
		size += sizeOf(name, entry)
		return parts[len(parts)-1]
	}
	for name, entry := range e.Endpoints {
		next(name, entry).Endpoints[name] = entry
	}
	for name, entry := range e.Channels {
		next(name, entry).Channels[name] = entry
	}
	return parts
}

// size is how many bytes the entries have as JSON, or a few less.
func (e entries) size() int {
	size := 0
	for name, entry := range e.Endpoints {
		size += sizeOf(name, entry)
	}
	for name, entry := range e.Channels {
		size += sizeOf(name, entry)
	}
	return size
}

// sizeOf counts a name with its quotes, its colon and its comma.
func sizeOf(name string, entry rawEntry) int { return len(name) + len(entry) + 4 }
