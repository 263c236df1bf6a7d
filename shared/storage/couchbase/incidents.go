package couchbase

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// incidentDocument is one incident, with what lists are ordered and filtered by.
type incidentDocument struct {
	By        string           `json:"by"`
	ID        string           `json:"id"`
	Namespace string           `json:"namespace"`
	Endpoint  string           `json:"endpoint"`
	Started   monitor.Instant  `json:"started"`
	Ended     monitor.Instant  `json:"ended"`
	Open      bool             `json:"open"`
	Sequence  int              `json:"sequence"`
	Incident  monitor.Incident `json:"incident"`
}

func incidentKey(id string) string { return key("i", id) }

// PutIncident implements storage.Incidents.
func (s *Store) PutIncident(ctx context.Context, incident monitor.Incident) error {
	incidents, err := s.metadata(ctx, layout.Incidents)
	if err != nil {
		return err
	}
	name := incidentKey(incident.ID)
	_, err = incidents.Update(ctx, name, link.Majority, func(found link.Document) (link.Write, bool, error) {
		var stored incidentDocument
		if err := parse(name, found, &stored); err != nil {
			return link.Write{}, false, err
		}
		if found.CAS != 0 && stored.Sequence >= incident.Sequence {
			return link.Write{}, false, nil
		}
		body, err := encode(name, incidentDocument{
			By: s.link.Stamp(), ID: incident.ID, Namespace: incident.Namespace, Endpoint: incident.Endpoint,
			Started: incident.Started, Ended: incident.Ended, Open: incident.Ended == 0,
			Sequence: incident.Sequence, Incident: incident,
		})
		return link.Write{Body: body}, err == nil, err
	})
	return err
}

// Incident implements storage.Incidents.
func (s *Store) Incident(ctx context.Context, id string) (monitor.Incident, error) {
	incidents, err := s.metadata(ctx, layout.Incidents)
	if err != nil {
		return monitor.Incident{}, err
	}
	found, err := incidents.Get(ctx, incidentKey(id))
	if err != nil {
		return monitor.Incident{}, err
	}
	if found.CAS == 0 {
		return monitor.Incident{}, monitor.Errorf(monitor.NotFound, "there is no incident %q", id)
	}
	var stored incidentDocument
	err = parse(incidentKey(id), found, &stored)
	return stored.Incident, err
}
