package query

import "github.com/danielgtaylor/huma/v2"

// register puts every operation on the API.
func (q *Query) register(api huma.API) {
	at := func(path, id, summary string) route {
		return route{api: api, log: q.log, within: q.within, path: path, id: id, summary: summary}
	}
	with := func(r route, answers map[string]*huma.Response) route {
		r.answers = answers
		return r
	}
	get(at("/namespaces", "listNamespaces", "Namespaces with the health of their endpoints"), q.listNamespaces)
	get(with(at("/endpoints", "listEndpoints", "Endpoints with their health, served from memory"),
		answerAs[EndpointList](api, "application/json")), q.listEndpoints)
	get(at("/endpoints/{namespace}/{id}", "getEndpoint", "One endpoint with its definition"), q.getEndpoint)
	get(at("/endpoints/{namespace}/{id}/results", "listResults", "Results of an endpoint, newest first"), q.listResults)
	get(at("/endpoints/{namespace}/{id}/series", "getSeries", "An endpoint's history in cells"), q.getSeries)
	get(at("/incidents", "listIncidents", "Incidents, newest first"), q.listIncidents)
	get(at("/incidents/{id}", "getIncident", "One incident with its ledger"), q.getIncident)
	get(at("/incidents/{id}/notices", "listNotices", "What was told of an incident, and the receipts"), q.listNotices)
	get(at("/me", "getMe", "Who is asking, and what they may do"), q.getMe)
	get(with(at("/live", "followLive", "Changes as they happen, as server-sent events"),
		liveAnswer(api)), q.followLive)
	tidy(api.OpenAPI())
}
