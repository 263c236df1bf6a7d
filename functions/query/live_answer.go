package query

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// The live events and what their data is.
const (
	liveCounts    = "counts"    // LiveCounts
	liveEndpoints = "endpoints" // a list of LiveEndpoint
	liveIncident  = "incident"  // IncidentView
	liveCatalog   = "catalog"   // LiveCatalog: fetch the list and me again
	liveResync    = "resync"    // {}: fetch everything again
)

// liveAnswer documents the stream. OpenAPI has no word for the data of events,
// so their schemas stand in the extension x-events.
func liveAnswer(api huma.API) map[string]*huma.Response {
	registry := api.OpenAPI().Components.Schemas
	schema := func(t reflect.Type) *huma.Schema { return registry.Schema(t, true, "") }
	return map[string]*huma.Response{"200": {
		Description: "Events counts, endpoints, incident, catalog and resync; each has an id to resume from.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{
			Type: huma.TypeString,
			Extensions: map[string]any{"x-events": map[string]*huma.Schema{
				liveCounts:    schema(reflect.TypeFor[LiveCounts]()),
				liveEndpoints: {Type: huma.TypeArray, Items: schema(reflect.TypeFor[LiveEndpoint]())},
				liveIncident:  schema(reflect.TypeFor[IncidentView]()),
				liveCatalog:   schema(reflect.TypeFor[LiveCatalog]()),
				liveResync:    {Type: huma.TypeObject},
			}},
		}}},
	}}
}
