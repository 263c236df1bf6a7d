package query

import (
	"cmp"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// open is an incident that is open, and the names of the channels that are told.
type open struct {
	incident monitor.Incident
	told     []string
}

func openOf(state *monitor.State) *open {
	if state.Incident == nil {
		return nil
	}
	return &open{*state.Incident, state.Told}
}

// channels returns who is told of the incident, by name.
func (o *open) channels() []string {
	channels := make([]string, 0, len(o.told))
	for _, name := range o.told {
		channels = append(channels, o.incident.Namespace+"/"+name)
	}
	slices.Sort(channels)
	return channels
}

// openIncidents returns the open incidents that are known and that the filter
// lets through, as the store orders them, and of when that is.
func (m *memory) openIncidents(f *storage.IncidentFilter) ([]monitor.Incident, Moment) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []monitor.Incident
	for _, r := range m.sorted {
		if r.open != nil && lets(f, &r.open.incident) {
			found = append(found, r.open.incident)
		}
	}
	slices.SortFunc(found, func(a, b monitor.Incident) int {
		return compareStarts(a.Started, b.Started, a.ID, b.ID)
	})
	return found[:min(len(found), f.Limit)], Moment(m.staleness.asOf)
}

// openIncident returns an open incident that is known, and of when that is; nil,
// if none is.
func (m *memory) openIncident(id string) (*open, Moment) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, r := range m.sorted {
		if r.open != nil && r.open.incident.ID == id {
			return r.open, Moment(m.staleness.asOf)
		}
	}
	return nil, 0
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
