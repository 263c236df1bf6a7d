package config_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func endpoint(id, url string) monitor.Endpoint {
	return monitor.Endpoint{Namespace: "n", ID: id, HTTP: monitor.HTTP{URL: url}}
}

func webhook(name, url string) monitor.Channel {
	return monitor.Channel{Namespace: "n", Name: name, Webhook: &monitor.Webhook{URL: url}}
}

func TestPlan(t *testing.T) {
	t.Parallel()

	t.Run("it puts what differs and deletes what is gone", func(t *testing.T) {
		t.Parallel()
		current := monitor.Catalog{
			Revision:  3,
			Endpoints: []monitor.Endpoint{endpoint("changed", "old"), endpoint("gone", "x"), endpoint("same", "x")},
			Channels:  []monitor.Channel{webhook("changed", "old"), webhook("gone", "x"), webhook("same", "x")},
		}
		current.Endpoints[2].Revision = 2
		wanted := config.Definition{
			Endpoints: []monitor.Endpoint{endpoint("changed", "new"), endpoint("fresh", "x"), endpoint("same", "x")},
			Channels:  []monitor.Channel{webhook("changed", "new"), webhook("fresh", "x"), webhook("same", "x")},
		}
		want := monitor.CatalogChange{
			PutEndpoints:    []monitor.Endpoint{endpoint("changed", "new"), endpoint("fresh", "x")},
			DeleteEndpoints: []string{"n/gone"},
			PutChannels:     []monitor.Channel{webhook("changed", "new"), webhook("fresh", "x")},
			DeleteChannels:  []string{"n/gone"},
		}
		if diff := cmp.Diff(want, config.Plan(current, wanted)); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("what a file says differs in nothing from what a store gives back", func(t *testing.T) {
		t.Parallel()
		definition := load(t, full)
		var stored config.Definition
		data, err := json.Marshal(definition)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &stored); err != nil {
			t.Fatal(err)
		}
		change := config.Plan(monitor.Catalog{Endpoints: stored.Endpoints, Channels: stored.Channels}, definition)
		if !change.Empty() {
			t.Errorf("got %+v, want nothing to change", change)
		}
	})

	t.Run("carrying a plan out leads to what is wanted, and to an empty plan", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			current := monitor.Catalog{Endpoints: anyEndpoints(t, "current")}
			wanted := config.Definition{Endpoints: anyEndpoints(t, "wanted")}
			change := config.Plan(current, wanted)
			after := apply(current, change)
			if diff := cmp.Diff(wanted.Endpoints, after.Endpoints); diff != "" {
				t.Fatal(diff)
			}
			if again := config.Plan(after, wanted); !again.Empty() {
				t.Fatalf("got %+v, want nothing to change", again)
			}
		})
	})
}

func anyEndpoints(t *rapid.T, label string) []monitor.Endpoint {
	urls := rapid.MapOf(rapid.StringMatching(`[a-e]`), rapid.StringMatching(`[xy]`)).Draw(t, label)
	endpoints := make([]monitor.Endpoint, 0, len(urls))
	for id, url := range urls {
		endpoints = append(endpoints, endpoint(id, url))
	}
	return sorted(endpoints)
}

func apply(c monitor.Catalog, change monitor.CatalogChange) monitor.Catalog {
	kept := slices.DeleteFunc(slices.Clone(c.Endpoints), func(e monitor.Endpoint) bool {
		return slices.Contains(change.DeleteEndpoints, e.Key()) ||
			slices.ContainsFunc(change.PutEndpoints, func(put monitor.Endpoint) bool { return put.Key() == e.Key() })
	})
	return monitor.Catalog{Endpoints: sorted(append(kept, change.PutEndpoints...))}
}

func sorted(endpoints []monitor.Endpoint) []monitor.Endpoint {
	slices.SortFunc(endpoints, func(a, b monitor.Endpoint) int {
		if a.Key() < b.Key() {
			return -1
		}
		return 1
	})
	return endpoints
}
