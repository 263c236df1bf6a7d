package query_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// shop is a kit with a small shop: one endpoint in each health and one that
// was never checked, an incident that is open and one that is over.
func shop(t *testing.T) *kit {
	t.Helper()
	k := newKit(t, nil)
	checkout, cart, search, gateway, fresh := endpoint("shop", "checkout"), endpoint("shop", "cart"),
		endpoint("shop", "search"), endpoint("edge", "gateway"), endpoint("edge", "new")
	checkout.Tags = map[string]string{"team": "payments", "tier": "1"}
	checkout.HTTP.Headers = map[string]string{"Authorization": "Bearer ${CHECKOUT_TOKEN}"}
	checkout.Expect = monitor.Expect{
		Status: []monitor.StatusRange{{From: 200, To: 299}}, Latency: monitor.Duration(500 * time.Millisecond),
		JSON: map[string]any{"status": "ok"}, Certificate: monitor.Duration(14 * 24 * time.Hour),
	}
	checkout.Alert.Channels = []string{"oncall"}
	define(t, k, checkout, cart, search, gateway, fresh)

	fold(t, k, 0, run("shop/cart", "pppppp")...)
	fold(t, k, 0, run("edge/gateway", "ppuuuu")...)
	arrive(t, k, run("shop/checkout", "pppfff")...)
	arrive(t, k, run("shop/search", "ppdddd")...)

	opened, _ := outage(checkout, 3*time.Second)
	_, past := outage(cart, 2*time.Hour)
	for _, change := range []monitor.IncidentChange{opened, past} {
		must(t, k.store.PutIncident(t.Context(), change.Incident))
	}
	believe(t, k,
		monitor.State{Endpoint: "shop/checkout", Health: monitor.Down, Since: opened.Incident.Started, Reason: opened.Incident.Reason, Incident: &opened.Incident},
		monitor.State{Endpoint: "shop/search", Health: monitor.Degraded, Since: noon - 4000, Reason: "2 checks in a row degraded: latency"},
		monitor.State{Endpoint: "edge/gateway", Health: monitor.Unknown, Since: noon - 5000, Reason: "no conclusive result for 30s"},
	)
	opened.Decided = noon - 1990
	notices := opened.Notices(noon - 1980)
	notices[0].Attempts, notices[0].Sent, notices[0].Accepted, notices[0].Receipt = 2, noon-1000, noon-900, "C0123456/1"
	must(t, k.store.SaveNotices(t.Context(), notices))
	k.run(t)
	eventually(t, "cells from the windows", func() bool {
		list := read[query.EndpointList](t, k, "/api/v1/endpoints")
		return list.Items[0].Recent == "ppuuuu" && list.Items[2].Recent == "pppppp"
	})
	return k
}

// believe saves the states as alert does.
func believe(t testing.TB, k *kit, states ...monitor.State) {
	t.Helper()
	for _, s := range states {
		shard := monitor.ShardOf(s.Endpoint, shards)
		all, err := k.store.ShardState(t.Context(), shard)
		must(t, err)
		if all.States == nil {
			all.States = map[string]monitor.State{}
		}
		all.Shard, all.States[s.Endpoint] = shard, s
		_, err = k.store.SaveShardState(t.Context(), all)
		must(t, err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	k := shop(t)
	incident := read[struct{ Items []struct{ ID string } }](t, k, "/api/v1/incidents?open=true").Items[0].ID
	for name, path := range map[string]string{
		"namespaces":        "/api/v1/namespaces",
		"endpoints":         "/api/v1/endpoints",
		"endpoint":          "/api/v1/endpoints/shop/checkout",
		"results":           "/api/v1/endpoints/shop/checkout/results",
		"series":            "/api/v1/endpoints/shop/checkout/series",
		"incidents":         "/api/v1/incidents",
		"incident":          "/api/v1/incidents/" + incident,
		"notices":           "/api/v1/incidents/" + incident + "/notices",
		"me":                "/api/v1/me",
		"problem_not_found": "/api/v1/endpoints/shop/nothing",
		"problem_invalid":   "/api/v1/endpoints?limit=0",
		"problem_no_path":   "/api/v1/nothing",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := k.get(path)
			golden(t, name, answer.Body.Bytes())
			if got := answer.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("got Cache-Control %q, want no-store", got)
			}
			want := "application/json"
			if answer.Code != http.StatusOK {
				want = "application/problem+json"
			}
			if got := answer.Header().Get("Content-Type"); got != want {
				t.Errorf("got Content-Type %q, want %q", got, want)
			}
		})
	}
	t.Run("an endpoint's ETag is its revision", func(t *testing.T) {
		t.Parallel()
		if got := k.get("/api/v1/endpoints/shop/checkout").Header().Get("ETag"); got != `"1"` {
			t.Errorf("got ETag %s, want %q", got, `"1"`)
		}
	})
}
