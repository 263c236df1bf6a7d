package statements

import "time"

// IncidentPage selects the statement for a page of a list of incidents.
type IncidentPage struct {
	By   IncidentList
	Open bool // only those that have not ended
}

// IncidentList says whose incidents are listed.
type IncidentList int

// The lists of incidents.
const (
	AllIncidents       IncidentList = iota
	NamespaceIncidents              // of $namespace
	EndpointIncidents               // of $endpoint
)

// A page begins behind the incident that started at $before and has the ID $id,
// and ends before $from. Each arm of the OR is bounded by itself, so that the
// index gives the page in order and stops at its limit.
const (
	selectPage = "SELECT i.id, i.started FROM incidents AS i WHERE "
	onlyOpen   = "i.`open` = TRUE AND "
	pageRange  = "((i.started >= $from AND i.started < $before) OR (i.started = $before AND i.id > $id))" +
		" ORDER BY i.started DESC, i.id LIMIT $limit"
	ofNamespace = "i.`namespace` = $namespace AND "
	ofEndpoint  = "i.endpoint = $endpoint AND "
)

// listTimeout is how long a page may take; a person waits for it.
const listTimeout = 5 * time.Second

// Incidents returns the statement that gives id and started of a page of
// incidents, newest start first, then by ID.
func Incidents(page IncidentPage) Statement { return incidents()[page] }

func incidents() map[IncidentPage]Statement {
	list := func(name, text, index string, params ...string) Statement {
		return Statement{
			Name: name, Text: text, Index: index, ReadOnly: true, Prepared: true, Timeout: listTimeout,
			Params: append(params, "from", "before", "id", "limit"),
		}
	}
	return map[IncidentPage]Statement{
		{By: AllIncidents}: list("incidents",
			selectPage+pageRange, "ix_incidents_time"),
		{By: AllIncidents, Open: true}: list("open incidents",
			selectPage+onlyOpen+pageRange, "ix_incidents_open"),
		{By: NamespaceIncidents}: list("incidents of a namespace",
			selectPage+ofNamespace+pageRange, "ix_incidents_namespace", "namespace"),
		{By: NamespaceIncidents, Open: true}: list("open incidents of a namespace",
			selectPage+onlyOpen+ofNamespace+pageRange, "ix_incidents_open_namespace", "namespace"),
		{By: EndpointIncidents}: list("incidents of an endpoint",
			selectPage+ofEndpoint+pageRange, "ix_incidents_endpoint", "endpoint"),
		{By: EndpointIncidents, Open: true}: list("open incidents of an endpoint",
			selectPage+onlyOpen+ofEndpoint+pageRange, "ix_incidents_endpoint", "endpoint"),
	}
}
