package query_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/api-endpoint-monitor/monitor/functions/query"
)

func TestDashboard(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(p *query.Parts) {
		p.Dashboard = fstest.MapFS{
			"index.html":            {Data: []byte("<!doctype html>index")},
			"favicon.svg":           {Data: []byte("<svg/>")},
			"assets/app-1a2b.js":    {Data: []byte("plain")},
			"assets/app-1a2b.js.br": {Data: []byte("brotli")},
			"assets/app-1a2b.js.gz": {Data: []byte("gzip")},
			"assets/app-1a2b.css":   {Data: []byte("css")},
		}
	})
	ask := func(method, path, coding string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(method, "http://localhost"+path, nil)
		if coding != "" {
			request.Header.Set("Accept-Encoding", coding)
		}
		answer := httptest.NewRecorder()
		k.query.Handler().ServeHTTP(answer, request)
		return answer
	}
	tests := map[string]struct {
		method, path, accept string
		status               int
		body, kind, cache    string
		coding               string
	}{
		"the index":                          {"GET", "/", "", 200, "<!doctype html>index", "text/html; charset=utf-8", "no-cache", ""},
		"the index by its name":              {"GET", "/index.html", "", 200, "<!doctype html>index", "text/html; charset=utf-8", "no-cache", ""},
		"a route of the dashboard":           {"GET", "/endpoints/shop/checkout", "", 200, "<!doctype html>index", "text/html; charset=utf-8", "no-cache", ""},
		"a file":                             {"GET", "/favicon.svg", "", 200, "<svg/>", "image/svg+xml", "no-cache", ""},
		"a hashed file is kept for good":     {"GET", "/assets/app-1a2b.css", "", 200, "css", "text/css; charset=utf-8", "public, max-age=31536000, immutable", ""},
		"brotli is preferred":                {"GET", "/assets/app-1a2b.js", "gzip, deflate, br", 200, "brotli", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "br"},
		"gzip where brotli is not taken":     {"GET", "/assets/app-1a2b.js", "gzip;q=0.8", 200, "gzip", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		"plain where coding is refused":      {"GET", "/assets/app-1a2b.js", "br;q=0, gzip; q=0.0", 200, "plain", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", ""},
		"plain where there is no coded form": {"GET", "/favicon.svg", "br", 200, "<svg/>", "image/svg+xml", "no-cache", ""},
		"HEAD has no body":                   {"HEAD", "/", "", 200, "", "text/html; charset=utf-8", "no-cache", ""},
		"an endpoint with a dot in its ID":   {"GET", "/endpoints/shop/api.v1", "", 200, "<!doctype html>index", "text/html; charset=utf-8", "no-cache", ""},
		"a hashed file that is gone":         {"GET", "/assets/app-9999", "", 404, "", "application/problem+json", "no-store", ""},
		"a file that there is not":           {"GET", "/robots.txt", "", 404, "", "application/problem+json", "no-store", ""},
		"another method":                     {"POST", "/", "", 405, "", "application/problem+json", "no-store", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := ask(test.method, test.path, test.accept)
			header := answer.Header()
			if answer.Code != test.status || test.status == 200 && answer.Body.String() != test.body {
				t.Errorf("got status %d, %q, want %d, %q", answer.Code, answer.Body, test.status, test.body)
			}
			for name, want := range map[string]string{
				"Content-Type": test.kind, "Cache-Control": test.cache, "Content-Encoding": test.coding,
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if test.status == 200 && !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'self'; frame-ancestors 'none'") {
				t.Errorf("got policy %q, want the strict one", header.Get("Content-Security-Policy"))
			}
		})
	}
	t.Run("a file that did not change is not sent again", func(t *testing.T) {
		t.Parallel()
		request := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		request.Header.Set("If-None-Match", ask("GET", "/", "").Header().Get("ETag"))
		answer := httptest.NewRecorder()
		k.query.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusNotModified {
			t.Errorf("got status %d, want 304", answer.Code)
		}
	})
	t.Run("no path leads out of the folder", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets%00"} {
			if answer := ask("GET", path, ""); strings.Contains(answer.Body.String(), "root:") {
				t.Errorf("%s: got %q, want none of it", path, answer.Body)
			}
		}
	})
}

func TestDashboardNotBuilt(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	for _, path := range []string{"/", "/incidents/1"} {
		answer := k.get(path)
		body := answer.Body.String()
		if answer.Code != http.StatusOK || !strings.Contains(body, "go tool task build") || !strings.Contains(body, `href="/api/v1/openapi.json"`) {
			t.Errorf("%s: got status %d, %q, want how to build the dashboard", path, answer.Code, body)
		}
		if got := answer.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
			t.Errorf("%s: got policy %q, want one that allows nothing but its style", path, got)
		}
	}
}
