package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// folder writes the files and returns the folder that they are in.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func file(t testing.TB, content string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{"monitor.yaml": content}), "monitor.yaml")
}

func load(t testing.TB, content string) config.Definition {
	t.Helper()
	definition, err := config.Load(file(t, content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return definition
}

const full = `
namespace: shop
defaults: {interval: 10s, timeout: 5s}
channels:
  - {name: oncall, slack: {token: "${SLACK_TOKEN}", channel: C0123456}}
  - {name: team, slack: {webhook: "${HOOK_URL}"}}
  - {name: hook, webhook: {url: "http://127.0.0.1:9000/hook", headers: {X-Key: "${KEY}"}}}
endpoints:
  - name: checkout
    http: {url: "https://shop.example/health", headers: {Authorization: "Bearer ${CHECKOUT_TOKEN}"}}
    interval: 1s
    expect: {status: ["200-299", 304], latency: 500ms, json: {status: ok, n: 1, f: 1.5, deep: {a: [true, null]}}, certificate: 14d, cel: "size(json.items) > 0"}
    alert: {after: 3, recover: 1, for: 30s, confirm: interval, channels: [oncall, hook]}
    tags: {team: payments, tier: 1}
  - name: Stock level
    id: stock
    http: {url: "http://stock.example:8080/", method: POST, body: "{}", redirects: 0}
    timeout: 1s
`

func TestLoad(t *testing.T) {
	t.Parallel()

	t.Run("every field reaches its place", func(t *testing.T) {
		t.Parallel()
		want := config.Definition{
			Endpoints: []monitor.Endpoint{
				{
					Namespace: "shop", ID: "checkout", Name: "checkout",
					HTTP: monitor.HTTP{
						URL: "https://shop.example/health", Method: "GET", Redirects: 5,
						Headers: map[string]string{"Authorization": "Bearer ${CHECKOUT_TOKEN}"},
					},
					Interval: seconds(1), Timeout: seconds(5),
					Expect: monitor.Expect{
						Status:  []monitor.StatusRange{{From: 200, To: 299}, {From: 304, To: 304}},
						Latency: monitor.Duration(500 * time.Millisecond),
						JSON: map[string]any{
							"status": "ok", "n": 1.0, "f": 1.5, "deep": map[string]any{"a": []any{true, nil}},
						},
						Certificate: monitor.Duration(14 * 24 * time.Hour), CEL: "size(json.items) > 0",
					},
					Alert: monitor.Alert{After: 3, Recover: 1, For: seconds(30), Confirm: monitor.ConfirmInterval, Channels: []string{"oncall", "hook"}},
					Tags:  map[string]string{"team": "payments", "tier": "1"},
				},
				{
					Namespace: "shop", ID: "stock", Name: "Stock level",
					HTTP:     monitor.HTTP{URL: "http://stock.example:8080/", Method: "POST", Body: "{}"},
					Interval: seconds(10), Timeout: seconds(1),
					Alert: monitor.Alert{After: 2, Recover: 2, Confirm: monitor.ConfirmQuick},
				},
			},
			Channels: []monitor.Channel{
				{Namespace: "shop", Name: "hook", Webhook: &monitor.Webhook{
					URL: "http://127.0.0.1:9000/hook", Headers: map[string]string{"X-Key": "${KEY}"},
				}},
				{Namespace: "shop", Name: "oncall", Slack: &monitor.Slack{Token: "${SLACK_TOKEN}", Channel: "C0123456"}},
				{Namespace: "shop", Name: "team", Slack: &monitor.Slack{Webhook: "${HOOK_URL}"}},
			},
		}
		if diff := cmp.Diff(want, load(t, full)); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("what is left out is assumed", func(t *testing.T) {
		t.Parallel()
		want := []monitor.Endpoint{{
			Namespace: "default", ID: monitor.IDFromName("My API"), Name: "My API",
			HTTP:     monitor.HTTP{URL: "http://a.example", Method: "GET", Redirects: 5},
			Interval: seconds(10), Timeout: seconds(5), Alert: monitor.Alert{After: 2, Recover: 2, Confirm: monitor.ConfirmQuick},
		}}
		got := load(t, `endpoints: [{name: My API, http: {url: "http://a.example"}}]`)
		if diff := cmp.Diff(want, got.Endpoints); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("extract is on, but where the endpoint or its defaults say otherwise", func(t *testing.T) {
		t.Parallel()
		got := load(t, `
namespace: open
endpoints: [{name: a, http: {url: "http://a.example"}}, {name: b, extract: false, http: {url: "http://a.example"}}]
---
namespace: shut
defaults: {extract: false}
endpoints: [{name: a, http: {url: "http://a.example"}}, {name: b, extract: true, http: {url: "http://a.example"}}]
`)
		without := map[string]bool{}
		for _, e := range got.Endpoints {
			without[e.Key()] = e.NoExtract
		}
		if diff := cmp.Diff(map[string]bool{"open/a": false, "open/b": true, "shut/a": true, "shut/b": false}, without); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("the cadence adapts, but where the endpoint or its defaults say otherwise", func(t *testing.T) {
		t.Parallel()
		got := load(t, `
namespace: open
endpoints: [{name: a, http: {url: "http://a.example"}}, {name: b, adaptive: {cadence: false}, http: {url: "http://a.example"}}]
---
namespace: shut
defaults: {adaptive: {cadence: false}}
endpoints: [{name: a, adaptive: {}, http: {url: "http://a.example"}}, {name: b, adaptive: {cadence: true}, http: {url: "http://a.example"}}]
`)
		fixed := map[string]bool{}
		for _, e := range got.Endpoints {
			fixed[e.Key()] = e.Adaptive.FixedCadence
		}
		if diff := cmp.Diff(map[string]bool{"open/a": false, "open/b": true, "shut/a": true, "shut/b": false}, fixed); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("what adapts can be switched off, by the endpoint or its defaults", func(t *testing.T) {
		t.Parallel()
		got := load(t, `
namespace: free
endpoints: [{name: a, http: {url: "http://a.example"}}, {name: b, adaptive: {timeout: false}, http: {url: "http://a.example"}}]
---
namespace: fixed
defaults: {adaptive: {timeout: false}}
endpoints: [{name: a, adaptive: {}, http: {url: "http://a.example"}}, {name: b, adaptive: {timeout: true}, http: {url: "http://a.example"}}]
`)
		fixed := map[string]bool{}
		for _, e := range got.Endpoints {
			fixed[e.Key()] = e.Adaptive.FixedTimeout
		}
		if diff := cmp.Diff(map[string]bool{"free/a": false, "free/b": true, "fixed/a": true, "fixed/b": false}, fixed); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("the files of a folder and their documents add up", func(t *testing.T) {
		t.Parallel()
		dir := folder(t, map[string]string{
			"a.yaml":        "namespace: shop\nchannels: [{name: hook, webhook: {url: 'http://h.example'}}]",
			"b.yaml":        "namespace: shop\nendpoints: [{name: b, http: {url: 'http://b.example'}, alert: {channels: [hook]}}]\n---\nendpoints: [{name: b, http: {url: 'http://b.example'}}]",
			".hidden.yaml":  "nonsense",
			"notes.txt":     "nonsense",
			"#b.yaml#":      "nonsense",
			"b.yaml.backup": "nonsense",
		})
		got, err := config.Load(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if keys := keysOf(got); keys != "default/b shop/b" {
			t.Errorf("got the endpoints %s, want default/b shop/b", keys)
		}
	})

	t.Run("aliases are followed", func(t *testing.T) {
		t.Parallel()
		got := load(t, `endpoints:
- {name: a, http: &http {url: "http://a.example"}}
- {name: b, http: *http}`)
		if got.Endpoints[1].HTTP.URL != "http://a.example" {
			t.Errorf("got the URL %q, want that of a", got.Endpoints[1].HTTP.URL)
		}
	})

	t.Run("no endpoints at all can be said", func(t *testing.T) {
		t.Parallel()
		if got := load(t, "endpoints: []"); len(got.Endpoints) != 0 {
			t.Errorf("got %v, want none", got.Endpoints)
		}
	})

	t.Run("a path where nothing is gives not found", func(t *testing.T) {
		t.Parallel()
		_, err := config.Load(filepath.Join(t.TempDir(), "monitor.yaml"), nil)
		if !errors.Is(err, monitor.NotFound) {
			t.Errorf("got %v, want not found", err)
		}
	})
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	resolves := func(namespace, name string) error {
		if name == "KEY" && namespace == "shop" {
			return nil
		}
		return monitor.Errorf(monitor.Invalid, "%s of %s is missing", name, namespace)
	}
	_, err := config.Load(file(t, full), resolves)
	want := `5:35: secret: SLACK_TOKEN of shop is missing
6:35: secret: HOOK_URL of shop is missing
10:73: secret: CHECKOUT_TOKEN of shop is missing`
	if got := places(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func seconds(n int) monitor.Duration { return monitor.Duration(time.Duration(n) * time.Second) }

func keysOf(d config.Definition) string {
	var keys []string
	for _, e := range d.Endpoints {
		keys = append(keys, e.Key())
	}
	return strings.Join(keys, " ")
}

// places writes the faults without their file.
func places(err error) string {
	var faults config.Faults
	if !errors.As(err, &faults) {
		return "no faults: " + errorText(err)
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		_, lines[i], _ = strings.Cut(f.String(), filepath.Base(f.File)+":")
	}
	return strings.Join(lines, "\n")
}

func errorText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
