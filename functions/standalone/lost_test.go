package standalone_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestLostConnections has a server die whose next check is far away, beside one
// that politely closes connections that are idle.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("lost connections are only told on Linux")
	}
	mortal, polite := newServer(t, 0), newServer(t, 100*time.Millisecond)
	w, dir, addr := newWorld(t), t.TempDir(), mustFreeAddr(t)
	write(t, filepath.Join(dir, "monitor.yaml"), fmt.Sprintf(`namespace: shop
defaults: {timeout: 20s}
channels:
  - {name: hook, webhook: {url: %q}}
endpoints:
  - {name: mortal, interval: 60s, http: {url: %q}, alert: {after: 2, channels: [hook]}}
  - {name: polite, interval: 1s, http: {url: %q}, alert: {after: 1, channels: [hook]}}
`, w.hook.URL+"/hook", mortal.URL, polite.URL))
	start(t, build(t, "functions/standalone/cmd")[0], dir, "MONITOR_ADDR="+addr, "MONITOR_SELF=false")
	api := client{t: t, base: "http://" + addr}
	await(t, "both are up", time.Minute, func() bool { return api.counts()["up"] == 2 })
	t.Run("the incident of a server that dies opens before its next check is due", func(t *testing.T) { assertSeenToDie(t, w, api, mortal) })
	t.Run("a server that closes idle connections is asked once more for each interval, and stays up", func(t *testing.T) { assertPolite(t, api) })
}

// newServer answers all requests, and closes connections that were idle for so
// long; 0: never.
func newServer(t *testing.T, idle time.Duration) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, "ok")
	}))
	server.Config.IdleTimeout = idle
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func assertSeenToDie(t *testing.T, w *world, api client, server *httptest.Server) {
	t.Helper()
	const path = "/api/v1/endpoints/shop/mortal/results"
	now := monitor.At(time.Now())
	next := monitor.DueIn("shop/mortal", time.Minute, now, now+1).First
	if next.Sub(now) < 30*time.Second {
		await(t, "the check that is due soon was made", 2*time.Minute, func() bool {
			return slices.ContainsFunc(api.items(path), func(row map[string]any) bool { return row["due"] == moment(next) })
		})
		next = next.Add(time.Minute)
	}
	server.Close()
	await(t, "the opening is told", time.Minute, func() bool { return len(w.hooks()) > 0 })
	incident := api.items("/api/v1/incidents")[0]
	rows := api.items(path)
	slices.Reverse(rows)
	first := slices.IndexFunc(rows, func(row map[string]any) bool { return row["outcome"] == "failed" })
	if first < 0 || len(rows) < first+2 {
		t.Fatalf("got %v, want two failures", rows)
	}
	if rows[first]["kind"] != "connection" || rows[first+1]["kind"] != "confirm" {
		t.Errorf("got failures of the kinds %v and %v, want connection and confirm", rows[first]["kind"], rows[first+1]["kind"])
	}
	if incident["endpoint"] != "shop/mortal" || incident["started"] != rows[first]["due"] {
		t.Errorf("got an incident of %v since %v, want shop/mortal since %v", incident["endpoint"], incident["started"], rows[first]["due"])
	}
	if due := fmt.Sprint(rows[first+1]["due"]); due >= moment(next) {
		t.Errorf("got it confirmed at %s, want before the next check, due %s", due, moment(next))
	}
}

// moment returns the instant as the API writes it.
func moment(at monitor.Instant) string { return at.Time().Format("2006-01-02T15:04:05.000Z07:00") }

func assertPolite(t *testing.T, api client) {
	t.Helper()
	const path = "/api/v1/endpoints/shop/polite/results?limit=1000"
	kinds := func() (sequence string) {
		for _, row := range api.items(path) {
			sequence = string(fmt.Sprint(row["kind"])[0]) + sequence
			if row["outcome"] == "failed" {
				t.Errorf("got %v, want no failure", row)
			}
		}
		return sequence
	}
	extra := func() (count int) {
		for _, kind := range kinds() {
			if kind == 'c' {
				count++
			}
		}
		return count
	}
	await(t, "some extra checks", time.Minute, func() bool { return extra() >= 5 })
	before := rune(0)
	for _, kind := range kinds() {
		if kind == 'c' && before == 'c' {
			t.Fatalf("got the checks %s, want one extra check (c) between two scheduled ones (s) at most", kinds())
		}
		before = kind
	}
	for _, incident := range api.items("/api/v1/incidents") {
		if incident["endpoint"] == "shop/polite" {
			t.Errorf("got the incident %v, want none", incident)
		}
	}
}
