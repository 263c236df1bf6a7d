package query_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	answer := newKit(t, nil).get("/api/v1/openapi.json")
	if answer.Code != http.StatusOK {
		t.Fatalf("got status %d, want 200", answer.Code)
	}
	golden(t, "openapi", answer.Body.Bytes())

	t.Run("every list is a list, never null", func(t *testing.T) {
		t.Parallel()
		var document struct {
			OpenAPI    string
			Components struct{ Schemas map[string]any }
		}
		must(t, json.Unmarshal(answer.Body.Bytes(), &document))
		if document.OpenAPI != "3.1.0" {
			t.Errorf("got OpenAPI %s, want 3.1.0", document.OpenAPI)
		}
		walk(document.Components.Schemas, func(node map[string]any) {
			if _, ok := node["type"].([]any); ok {
				t.Errorf("got type %v, want one type", node["type"])
			}
		})
	})
}

func walk(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(node)
		for _, below := range node {
			walk(below, visit)
		}
	case []any:
		for _, below := range node {
			walk(below, visit)
		}
	}
}
