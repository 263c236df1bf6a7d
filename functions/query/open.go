package query

import (
	"cmp"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// openIncidents returns the open incidents that are known and that the filter
// lets through, as the store orders them, and of when that is.
func (m *memory) openIncidents(f *storage.IncidentFilter) ([]monitor.Incident, Moment) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []monitor.Incident
	for _, r := range m.sorted {
		if r.open != nil && lets(f, r.open) {
			found = append(found, *r.open)
		}
	}
	slices.SortFunc(found, func(a, b monitor.Incident) int {
		return compareStarts(a.Started, b.Started, a.ID, b.ID)
	})
	return found[:min(len(found), f.Limit)], Moment(m.staleness.asOf)
}

// openIncident returns an open incident that is known, and of when that is.
func (m *memory) openIncident(id string) (monitor.Incident, Moment, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, r := range m.sorted {
		if r.open != nil && r.open.ID == id {
			return *r.open, Moment(m.staleness.asOf), true
		}
	}
	return monitor.Incident{}, 0, false
}

func lets(f *storage.IncidentFilter, i *monitor.Incident) bool {
	return (f.Namespaces == nil || slices.Contains(f.Namespaces, i.Namespace)) &&
		(f.Endpoint == "" || i.Endpoint == f.Endpoint) &&
		i.Started >= f.From && (f.To == 0 || i.Started < f.To) &&
		(f.After.ID == "" || compareStarts(i.Started, f.After.Started, i.ID, f.After.ID) > 0)
}

// compareStarts orders incidents: the newest start first, then by ID.
func compareStarts(a, b monitor.Instant, idA, idB string) int {
	return cmp.Or(cmp.Compare(b, a), cmp.Compare(idA, idB))
}
