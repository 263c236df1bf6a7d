package query

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const base = "/api/v1"

// newAPI returns an API whose operations land on mux. Whatever huma finds
// wrong with a request is answered as a Problem.
func newAPI(mux *http.ServeMux) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "API Endpoint Monitor", Version: "1",
				Description: "What is watched, what was seen, and what was told. Problems are RFC 9457 documents.",
			},
			Components: &huma.Components{
				Schemas:         registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}},
			},
			Security: []map[string][]string{{"token": {}}, {}},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers: []huma.Transformer{func(_ huma.Context, _ string, v any) (any, error) {
			if model, ok := v.(*huma.ErrorModel); ok {
				return problemOfModel(model), nil
			}
			return v, nil
		}},
	})
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { next(badRequests{ctx}) })
	return api
}

// request is huma.Context under a name that does not hide its method Context.
type request = huma.Context

// badRequests answers 400 where huma would answer 422.
type badRequests struct{ request }

// SetStatus writes the status line.
func (c badRequests) SetStatus(status int) {
	if status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	c.request.SetStatus(status)
}

// Unwrap returns the context within.
func (c badRequests) Unwrap() huma.Context { return c.request }

// route is one read operation of the API.
type route struct {
	api     huma.API
	log     *slog.Logger
	within  func(context.Context) (context.Context, context.CancelFunc) // bounds one request
	path    string
	id      string
	summary string
	answers map[string]*huma.Response // where they differ from what the output type says
}

// get registers the operation. Errors are answered as Problems; our own faults
// are logged as well.
func get[I, O any](r route, handle func(context.Context, *I) (*O, error)) {
	answers := map[string]*huma.Response{"default": {
		Description: "A problem",
		Content: map[string]*huma.MediaType{problemType: {
			Schema: r.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, ""),
		}},
	}}
	maps.Copy(answers, r.answers)
	operation := huma.Operation{
		Method: http.MethodGet, Path: base + r.path, OperationID: r.id, Summary: r.summary, Responses: answers,
	}
	huma.Register(r.api, operation, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := r.within(ctx)
		defer cancel()
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		err = waited(ctx, err)
		if monitor.CodeOf(err) == monitor.Internal {
			r.log.ErrorContext(ctx, "a request failed", telemetry.KeyOperation, r.id, telemetry.KeyError, err)
		}
		return nil, problemOf(err)
	})
}

// answerAs documents a 200 answer whose body is written by hand.
func answerAs[T any](api huma.API, mediaType string) map[string]*huma.Response {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}}
}

// tidy makes the document say what holds for every answer: a list is never
// null, and members may be added. It also drops huma's own errors: callers get
// Problems.
func tidy(document *huma.OpenAPI) {
	schemas := document.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		if schema.AdditionalProperties == false {
			schema.AdditionalProperties = nil
		}
		for _, property := range schema.Properties {
			property.Nullable = false
		}
	}
	for _, path := range document.Paths {
		for _, parameter := range path.Get.Parameters {
			parameter.Schema.Nullable = false
		}
	}
}
