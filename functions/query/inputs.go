package query

// Paging is what lists take. It is exported, like the other parts of inputs,
// because huma looks into exported fields only.
type Paging struct {
	Cursor string `query:"cursor" doc:"The next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type endpointsInput struct {
	Namespace string   `query:"namespace"`
	Health    string   `query:"health" enum:"up,degraded,down,unknown"`
	Q         string   `query:"q" maxLength:"200" doc:"Text that the name, the key or the URL contains; case does not matter"`
	Tag       []string `query:"tag,explode" maxItems:"20" doc:"name:value; all of them must match"`
	Cursor    string   `query:"cursor" doc:"The next of the page before"`
	Limit     int      `query:"limit" minimum:"1" maximum:"20000" default:"100"`
}

// EndpointPath names an endpoint.
type EndpointPath struct {
	Namespace string `path:"namespace" maxLength:"100"`
	ID        string `path:"id" maxLength:"100"`
}

func (in *EndpointPath) key() string { return in.Namespace + "/" + in.ID }

// Range is what histories take.
type Range struct {
	From     string `query:"from" doc:"RFC 3339 or Unix milliseconds; an hour before to if not given"`
	To       string `query:"to" doc:"RFC 3339 or Unix milliseconds, not included; now if not given"`
	Location string `query:"location" doc:"One location; all if not given"`
}

type resultsInput struct {
	EndpointPath
	Range
	Paging
	Outcome string `query:"outcome" enum:"passed,degraded,failed,unknown"`
}

type seriesInput struct {
	EndpointPath
	Range
	Points int `query:"points" minimum:"1" maximum:"2000" default:"300" doc:"The most cells wanted"`
}

type incidentsInput struct {
	Paging
	Namespace string `query:"namespace"`
	Endpoint  string `query:"endpoint" doc:"namespace/id"`
	Open      bool   `query:"open" doc:"Only those that have not ended"`
	From      string `query:"from" doc:"By start: RFC 3339 or Unix milliseconds"`
	To        string `query:"to" doc:"By start, not included"`
}

type incidentInput struct {
	ID string `path:"id" maxLength:"100"`
}

type liveInput struct {
	IDs         []string `query:"ids" maxItems:"200" doc:"Keys of the endpoints whose results are wanted, comma-separated"`
	LastEventID string   `header:"Last-Event-ID" doc:"Resumes behind this event"`
	LastID      string   `query:"last_event_id" doc:"The same, for clients that cannot set headers"`
}
