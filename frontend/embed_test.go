package frontend_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/frontend"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	t.Run("there is a first page, built or not", func(t *testing.T) {
		t.Parallel()
		page, err := fs.ReadFile(frontend.Files(), "index.html")
		if err != nil {
			t.Fatalf("got %v, want index.html", err)
		}
		if !strings.Contains(string(page), "<title>API Endpoint Monitor</title>") {
			t.Errorf("got %q, want the product's title", page)
		}
	})
}
