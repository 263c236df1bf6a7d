package query_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// withToken returns a kit that asks for a token, and the token.
func withToken(t *testing.T) (*kit, string) {
	t.Helper()
	gate, err := auth.Open(auth.Token, ":8080", t.TempDir())
	must(t, err)
	return newKit(t, func(p *query.Parts) { p.Gate = gate }), gate.Fresh
}

func (k *kit) ask(method, path, token string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://localhost"+path, nil)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer := httptest.NewRecorder()
	k.query.Handler().ServeHTTP(answer, request)
	return answer
}

func TestGate(t *testing.T) {
	t.Parallel()
	k, token := withToken(t)
	var document struct{ Paths map[string]any }
	must(t, json.Unmarshal(k.ask(http.MethodGet, "/api/v1/openapi.json", token).Body.Bytes(), &document))
	if len(document.Paths) < 10 {
		t.Fatalf("got %d paths, want all operations", len(document.Paths))
	}
	closed := []string{"/metrics", "/api/v1/openapi.json", "/api/v1/nothing", "/api/", "/api/v2/endpoints"}
	for path := range document.Paths {
		closed = append(closed, strings.NewReplacer("{namespace}", "ns", "{id}", "a").Replace(path))
	}
	for _, path := range closed {
		t.Run(path+" is closed without a token", func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
				answer := k.ask(method, path, "")
				if answer.Code != http.StatusUnauthorized || answer.Header().Get("WWW-Authenticate") == "" {
					t.Errorf("%s: got status %d, want 401 with a challenge", method, answer.Code)
				}
			}
		})
	}
	for _, path := range []string{"/", "/incidents"} {
		t.Run(path+" is open", func(t *testing.T) {
			t.Parallel()
			if got := k.ask(http.MethodGet, path, "").Code; got != http.StatusOK {
				t.Errorf("got status %d, want 200", got)
			}
		})
	}
	t.Run("the token opens", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/metrics", "/api/v1/endpoints"} {
			if got := k.ask(http.MethodGet, path, token).Code; got != http.StatusOK {
				t.Errorf("%s: got status %d, want 200", path, got)
			}
		}
		me := decode[query.Me](t, k.ask(http.MethodGet, "/api/v1/me", token))
		if me.Subject != "admin" || me.Auth != "token" {
			t.Errorf("got %+v, want the administrator", me)
		}
	})
	t.Run("the gate's problems look like ours", func(t *testing.T) {
		t.Parallel()
		answer := k.ask(http.MethodGet, "/api/v1/me", "")
		problem := decode[query.Problem](t, answer)
		if problem.Status != http.StatusUnauthorized || problem.Code != monitor.Forbidden || problem.Type != "about:blank" || problem.Title != "Unauthorized" {
			t.Errorf("got %+v, want a problem", problem)
		}
	})
}

func TestForeignHost(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	for _, path := range []string{"/", "/api/v1/endpoints", "/metrics"} {
		request := httptest.NewRequest(http.MethodGet, "http://rebound.example"+path, nil)
		answer := httptest.NewRecorder()
		k.query.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusForbidden {
			t.Errorf("%s: got status %d, want 403", path, answer.Code)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	for path, want := range map[string]int{
		"/api/v1/endpoints": 405, "/api/v1/endpoints/ns/a": 405, "/api/v1/openapi.json": 405, "/metrics": 405,
		"/api/v1/nothing": 404, "/api/v1/endpoints/ns/a/b/c": 404,
	} {
		answer := k.ask(http.MethodDelete, path, "")
		problem := decode[query.Problem](t, answer)
		if answer.Code != want || problem.Status != want || answer.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("DELETE %s: got status %d, %+v, want the problem %d", path, answer.Code, problem, want)
		}
		if got := answer.Header().Get("Allow"); (got == "GET, HEAD") != (want == 405) {
			t.Errorf("DELETE %s: got Allow %q", path, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	for _, path := range []string{"/", "/api/v1/endpoints", "/api/v1/nothing", "/metrics"} {
		header := k.get(path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s: got %q, want %q", path, name, got, want)
			}
		}
		if got := header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") {
			t.Errorf("%s: got policy %q, want one", path, got)
		}
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	t.Run("not before the memory is loaded", func(t *testing.T) {
		t.Parallel()
		err := newKit(t, nil).query.Ready(t.Context())
		if !errors.Is(err, monitor.Unavailable) || !strings.Contains(err.Error(), "loaded") {
			t.Errorf("got %v, want Unavailable and why", err)
		}
	})
	t.Run("not while the store does not answer, and its error stays inside", func(t *testing.T) {
		t.Parallel()
		broken := false
		k := newKit(t, func(p *query.Parts) {
			ready := p.Ready
			p.Ready = func(ctx context.Context) error {
				if broken {
					return monitor.Wrap(monitor.Unavailable, errors.New("/secret/path"), "locked")
				}
				return ready(ctx)
			}
		})
		k.run(t)
		broken = true
		err := k.query.Ready(t.Context())
		if !errors.Is(err, monitor.Unavailable) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want Unavailable without the cause", err)
		}
	})
}

func TestStoreFaults(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	must(t, k.store.Close())
	answer := k.get("/api/v1/incidents")
	problem := decode[query.Problem](t, answer)
	if answer.Code != http.StatusServiceUnavailable || problem.Code != monitor.Unavailable {
		t.Errorf("got status %d, %+v, want 503 and unavailable", answer.Code, problem)
	}
}
