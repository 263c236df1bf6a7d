package query

import (
	"slices"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// filter selects endpoints. Empty fields select all.
type filter struct {
	namespace string
	health    monitor.Health
	text      string   // in lower case
	tags      []string // name:value
	after     string   // key of the last one of the page before
	limit     int
	now       monitor.Instant
}

func (f *filter) matches(d *definition) bool {
	if f.namespace != "" && d.endpoint.Namespace != f.namespace {
		return false
	}
	if f.text != "" && !d.mentions(f.text) {
		return false
	}
	return !slices.ContainsFunc(f.tags, func(tag string) bool {
		name, value, _ := strings.Cut(tag, ":")
		got, ok := d.endpoint.Tags[name]
		return !ok || got != value
	})
}

// page is what a list shows of the endpoints that match.
type page struct {
	items  []item
	counts Counts // of all that match, health aside
	more   bool
	stale  Moment // since when what they are is stale
}

// list appends to items the endpoints that the filter selects, as they are at
// one moment.
func (m *memory) list(f *filter, items []item) page {
	afterNamespace, afterID, _ := strings.Cut(f.after, "/")
	out := page{items: items}
	m.mu.RLock()
	defer m.mu.RUnlock()
	out.stale = m.staleness.since()
	for _, r := range m.sorted {
		if !f.matches(r.definition) {
			continue
		}
		out.counts.add(r.health, 1)
		switch {
		case f.health != "" && r.health != f.health:
		case compareKeys(r.endpoint.Namespace, r.endpoint.ID, afterNamespace, afterID) <= 0:
		case len(out.items) == f.limit:
			out.more = true
		default:
			out.items = append(out.items, r.item(f.now))
		}
	}
	return out
}

// find returns one endpoint as it is now, and false where it is not watched.
func (m *memory) find(key string, now monitor.Instant) (item, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	r, ok := m.rows[key]
	if !ok {
		return item{}, false
	}
	return r.item(now), true
}

// namespaces returns the namespaces by name, with the health of their
// endpoints.
func (m *memory) namespaces() []NamespaceView {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := []NamespaceView{}
	for _, r := range m.sorted {
		if len(all) == 0 || all[len(all)-1].Name != r.endpoint.Namespace {
			all = append(all, NamespaceView{Name: r.endpoint.Namespace})
		}
		all[len(all)-1].Counts.add(r.health, 1)
	}
	return all
}

// locationsLike returns the location if one is given, else all that are known,
// by name.
func (m *memory) locationsLike(location string) []string {
	if location != "" {
		return []string{location}
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Sorted(slices.Values(m.locations))
}
