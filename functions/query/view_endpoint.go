package query

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// Counts says how many endpoints have which health.
type Counts struct {
	Up       int `json:"up"`
	Degraded int `json:"degraded"`
	Down     int `json:"down"`
	Unknown  int `json:"unknown"`
}

func (c *Counts) add(health monitor.Health, n int) {
	switch health {
	case monitor.Up:
		c.Up += n
	case monitor.Degraded:
		c.Degraded += n
	case monitor.Down:
		c.Down += n
	default:
		c.Unknown += n
	}
}

func (c *Counts) total() int { return c.Up + c.Degraded + c.Down + c.Unknown }

// NamespaceView is a namespace with the health of its endpoints.
type NamespaceView struct {
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
}

// NamespaceList is all namespaces, by name.
type NamespaceList struct {
	Items []NamespaceView `json:"items"`
	Stale Moment          `json:"stale_since,omitempty" doc:"Since when the store has not answered: health may be old; absent while it does"`
}

// EndpointSummary is an endpoint with what is believed of it now.
type EndpointSummary struct {
	Key       string            `json:"key" doc:"namespace/id"`
	Namespace string            `json:"namespace"`
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	URL       string            `json:"url"`
	Interval  monitor.Duration  `json:"interval" example:"10s"`
	Tags      map[string]string `json:"tags,omitempty"`
	Pace      monitor.Duration  `json:"effective_interval,omitempty" example:"40s" doc:"Time between two checks now, where it is not the interval: the endpoint has been down for long"`
	Health    monitor.Health    `json:"health" enum:"up,degraded,down,unknown"`
	Since     Moment            `json:"since,omitempty" doc:"Since when; absent if that is not known"`
	Reason    string            `json:"reason,omitempty" doc:"Why the endpoint has this health"`
	Incident  string            `json:"incident,omitempty" doc:"ID of its open incident"`
	Last      *ResultView       `json:"last,omitempty" doc:"Its newest result; absent: not checked yet"`
	Recent    string            `json:"recent,omitempty" doc:"Up to 60 newest scheduled checks, oldest first: p passed, d degraded, f failed, u unknown"`
}

// EndpointList is one page of endpoints, by namespace and ID. Counts and
// total are of all that match the filters, the one by health aside.
type EndpointList struct {
	Items  []EndpointSummary `json:"items"`
	Counts Counts            `json:"counts"`
	Total  int               `json:"total"`
	Next   string            `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	Stale  Moment            `json:"stale_since,omitempty" doc:"Since when the store has not answered: health may be old; absent while it does"`
}

// EndpointDetail is one endpoint with its definition. Secrets stand in it as
// references only.
type EndpointDetail struct {
	EndpointSummary
	Definition monitor.Endpoint `json:"definition"`
	Revision   int64            `json:"revision"`
	Stale      Moment           `json:"stale_since,omitempty" doc:"Since when the store has not answered: health and definition may be old; absent while it does"`
}
