package auth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func open(t testing.TB, mode auth.Mode, addr, folder string) auth.Gate {
	t.Helper()
	gate, err := auth.Open(mode, addr, folder)
	if err != nil {
		t.Fatalf("got %v, want a gate", err)
	}
	return gate
}

// ask sends one request through the middleware and returns the answer, and
// the principal if the request came through.
func ask(wrap func(http.Handler) http.Handler, change func(*http.Request)) (*httptest.ResponseRecorder, *auth.Principal) {
	var seen *auth.Principal
	handler := wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		principal, _ := auth.From(r.Context())
		seen = &principal
	}))
	request := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/me", nil)
	change(request)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer, seen
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func TestRequireToken(t *testing.T) {
	t.Parallel()
	gate := open(t, auth.Token, ":8080", t.TempDir())
	other := open(t, auth.Token, ":8080", t.TempDir())

	refused := map[string]func(*http.Request){
		"no header":            func(*http.Request) {},
		"an empty token":       bearer(""),
		"another token":        bearer(other.Fresh),
		"the token cut short":  bearer(gate.Fresh[:len(gate.Fresh)-1]),
		"the token and more":   bearer(gate.Fresh + "x"),
		"the token's own text": func(r *http.Request) { r.Header.Set("Authorization", gate.Fresh) },
		"another scheme":       func(r *http.Request) { r.Header.Set("Authorization", "Basic "+gate.Fresh) },
		"two headers": func(r *http.Request) {
			r.Header["Authorization"] = []string{"Bearer " + gate.Fresh, "Bearer " + gate.Fresh}
		},
		"the token in the query": func(r *http.Request) { r.URL.RawQuery = "token=" + gate.Fresh },
	}
	for name, change := range refused {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			answer, seen := ask(gate.Require, change)
			if seen != nil || answer.Code != http.StatusUnauthorized {
				t.Fatalf("got status %d, principal %v, want 401 and none", answer.Code, seen)
			}
			if got := answer.Header().Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer ") {
				t.Errorf("got challenge %q, want Bearer", got)
			}
			checkProblem(t, answer, http.StatusUnauthorized)
		})
	}

	t.Run("the token is let in as the administrator", func(t *testing.T) {
		t.Parallel()
		_, seen := ask(gate.Require, bearer(gate.Fresh))
		want := &auth.Principal{Subject: "admin", Auth: auth.Token, Role: auth.Admin, Namespaces: []string{"*"}}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("principal (-want +got):\n%s", diff)
		}
	})
	t.Run("the scheme's case does not matter", func(t *testing.T) {
		t.Parallel()
		_, seen := ask(gate.Require, func(r *http.Request) { r.Header.Set("Authorization", "bearer "+gate.Fresh) })
		if seen == nil {
			t.Error("got refused, want let in")
		}
	})
	t.Run("any host name will do", func(t *testing.T) {
		t.Parallel()
		answer, _ := ask(gate.Local, func(r *http.Request) { r.Host = "monitor.example" })
		if answer.Code != http.StatusOK {
			t.Errorf("got status %d, want 200", answer.Code)
		}
	})
}

func TestRequireNone(t *testing.T) {
	t.Parallel()
	gate := open(t, auth.None, "127.0.0.1:8080", "")
	_, seen := ask(gate.Require, func(*http.Request) {})
	want := &auth.Principal{Subject: "anonymous", Auth: auth.None, Role: auth.Admin, Namespaces: []string{"*"}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
}

func TestZeroGate(t *testing.T) {
	t.Parallel()
	answer, seen := ask(auth.Gate{}.Require, func(*http.Request) {})
	if seen != nil || answer.Code != http.StatusUnauthorized {
		t.Errorf("got status %d, principal %v, want 401 and none", answer.Code, seen)
	}
}

func TestFromWithoutGate(t *testing.T) {
	t.Parallel()
	if got, ok := auth.From(t.Context()); ok {
		t.Errorf("got %v, want no principal", got)
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		host string
		want int
	}{
		"localhost":                              {"localhost:8080", 200},
		"localhost without port":                 {"localhost", 200},
		"localhost in capitals":                  {"LocalHost:1", 200},
		"IPv4":                                   {"127.0.0.1:8080", 200},
		"IPv6":                                   {"[::1]:8080", 200},
		"the address it listens on":              {"127.0.0.9:8080", 200},
		"another loopback address":               {"127.0.0.8:8080", 403},
		"a name that was rebound":                {"evil.example:8080", 403},
		"a name that only begins like ours":      {"localhost.evil.example", 403},
		"a name that only ends like ours":        {"evil-localhost", 403},
		"user information before a foreign name": {"localhost@evil.example", 403},
		"no name":                                {"", 403},
	}
	gate := open(t, auth.None, "127.0.0.9:8080", "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, _ := ask(gate.Local, func(r *http.Request) { r.Host = test.host })
			if answer.Code != test.want {
				t.Fatalf("got status %d, want %d", answer.Code, test.want)
			}
			if test.want == http.StatusForbidden {
				checkProblem(t, answer, test.want)
			}
		})
	}
}

func TestCheckAddr(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode auth.Mode
		addr string
		ok   bool
	}{
		"none on IPv4 loopback":         {auth.None, "127.0.0.1:8080", true},
		"none on another loopback":      {auth.None, "127.1.2.3:8080", true},
		"none on IPv6 loopback":         {auth.None, "[::1]:8080", true},
		"none on localhost":             {auth.None, "localhost:8080", true},
		"none on all addresses":         {auth.None, ":8080", false},
		"none on all IPv4 addresses":    {auth.None, "0.0.0.0:8080", false},
		"none on all IPv6 addresses":    {auth.None, "[::]:8080", false},
		"none on a private address":     {auth.None, "10.0.0.1:8080", false},
		"none on a name":                {auth.None, "monitor.example:8080", false},
		"none on a name like localhost": {auth.None, "localhost.example:8080", false},
		"token on all addresses":        {auth.Token, ":8080", true},
		"what is no address":            {auth.None, "127.0.0.1", false},
		"no mode":                       {"", "127.0.0.1:8080", false},
		"an unknown mode":               {"basic", "127.0.0.1:8080", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := auth.CheckAddr(test.mode, test.addr)
			if (err == nil) != test.ok {
				t.Fatalf("got %v, want ok: %v", err, test.ok)
			}
			if err != nil && !errors.Is(err, monitor.Invalid) {
				t.Errorf("got code %s, want invalid", monitor.CodeOf(err))
			}
		})
	}
	t.Run("a gate does not open on such an address", func(t *testing.T) {
		t.Parallel()
		if _, err := auth.Open(auth.None, ":8080", t.TempDir()); err == nil {
			t.Error("got a gate, want an error")
		}
	})
}

func checkProblem(t *testing.T, answer *httptest.ResponseRecorder, status int) {
	t.Helper()
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("got content type %q, want a problem", got)
	}
	var problem struct {
		Status int
		Code   monitor.Code
		Detail string
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil {
		t.Fatal(err)
	}
	if problem.Status != status || problem.Code != monitor.Forbidden || problem.Detail == "" {
		t.Errorf("got problem %+v, want status %d, code forbidden and a detail", problem, status)
	}
}
