package storagetest

import (
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var catalogTests = map[string]func(t *testing.T, open Place){
	"catalog/an empty one has revision 0":                with(testNoCatalog),
	"catalog/all of it comes back, sorted by key":        with(testCatalog),
	"catalog/what is put bears the new revision":         with(testCatalogRevisions),
	"catalog/what is deleted is gone":                    with(testCatalogDelete),
	"catalog/a change of another revision is a conflict": with(testCatalogConflict),
	"catalog/of many changes at once one wins":           with(testCatalogRace),
	"catalog/a change of nothing keeps the revision":     with(testCatalogEmpty),
	"catalog/the caller may change what it handed in":    with(testCatalogAliasing),
}

func channel(name string) monitor.Channel {
	return monitor.Channel{Namespace: "shop", Name: name, Slack: &monitor.Slack{Token: "${TOKEN}", Channel: "C1"}}
}

func testNoCatalog(t *testing.T, store storage.Store) {
	wantSame(t, must(store.CatalogRevision(t.Context()))(t), 0)
	wantSame(t, must(store.Catalog(t.Context()))(t), monitor.Catalog{})
}

func testCatalog(t *testing.T, store storage.Store) {
	hook := monitor.Channel{Namespace: "shop", Name: "hook", Webhook: &monitor.Webhook{URL: "http://h", Headers: map[string]string{"A": "b"}}}
	revision := must(store.ChangeCatalog(t.Context(), 0, monitor.CatalogChange{
		PutEndpoints: []monitor.Endpoint{endpoint("shop", "b"), endpoint("shop", "a"), endpoint("bank", "z")},
		PutChannels:  []monitor.Channel{channel("oncall"), hook},
	}))(t)
	want := monitor.Catalog{
		Revision:  revision,
		Endpoints: []monitor.Endpoint{endpoint("bank", "z"), endpoint("shop", "a"), endpoint("shop", "b")},
		Channels:  []monitor.Channel{hook, channel("oncall")},
	}
	for i := range want.Endpoints {
		want.Endpoints[i].Revision = revision
	}
	wantSame(t, must(store.Catalog(t.Context()))(t), want)
	wantSame(t, must(store.CatalogRevision(t.Context()))(t), revision)
}

func testCatalogRevisions(t *testing.T, store storage.Store) {
	first := must(store.ChangeCatalog(t.Context(), 0, monitor.CatalogChange{
		PutEndpoints: []monitor.Endpoint{endpoint("shop", "a"), endpoint("shop", "b")},
	}))(t)
	changed := endpoint("shop", "b")
	changed.Name, changed.Revision = "Another name", 99
	second := must(store.ChangeCatalog(t.Context(), first, monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{changed}}))(t)
	if second <= first || first <= 0 {
		t.Errorf("got revisions %d and %d, want them to rise from 0", first, second)
	}
	got := must(store.Catalog(t.Context()))(t)
	a := endpoint("shop", "a")
	a.Revision, changed.Revision = first, second
	wantSame(t, got.Endpoints, []monitor.Endpoint{a, changed})
}

func testCatalogDelete(t *testing.T, store storage.Store) {
	first := must(store.ChangeCatalog(t.Context(), 0, monitor.CatalogChange{
		PutEndpoints: []monitor.Endpoint{endpoint("shop", "a"), endpoint("shop", "b")},
		PutChannels:  []monitor.Channel{channel("oncall"), channel("backup")},
	}))(t)
	change := monitor.CatalogChange{DeleteEndpoints: []string{"shop/a", "shop/never"}, DeleteChannels: []string{"shop/oncall"}}
	second := must(store.ChangeCatalog(t.Context(), first, change))(t)
	got := must(store.Catalog(t.Context()))(t)
	b := endpoint("shop", "b")
	b.Revision = first
	wantSame(t, got, monitor.Catalog{Revision: second, Endpoints: []monitor.Endpoint{b}, Channels: []monitor.Channel{channel("backup")}})
}

func testCatalogConflict(t *testing.T, store storage.Store) {
	change := monitor.CatalogChange{PutEndpoints: []monitor.Endpoint{endpoint("shop", "a")}}
	first := must(store.ChangeCatalog(t.Context(), 0, change))(t)
	change.DeleteEndpoints, change.PutEndpoints = []string{"shop/a"}, []monitor.Endpoint{endpoint("shop", "b")}
	for _, base := range []int64{0, first + 1} {
		_, err := store.ChangeCatalog(t.Context(), base, change)
		wantCode(t, err, monitor.Conflict)
	}
	got := must(store.Catalog(t.Context()))(t)
	if len(got.Endpoints) != 1 || got.Endpoints[0].ID != "a" || got.Revision != first {
		t.Errorf("got catalog %+v, want the first one", got)
	}
}

func testCatalogRace(t *testing.T, store storage.Store) {
	for base := range int64(3) {
		WantOneWinner(t, Together(12, func(i int) error {
			_, err := store.ChangeCatalog(t.Context(), base, monitor.CatalogChange{PutChannels: []monitor.Channel{channel("oncall")}})
			return err
		}))
		wantSame(t, must(store.CatalogRevision(t.Context()))(t), base+1)
	}
}

func testCatalogEmpty(t *testing.T, store storage.Store) {
	wantSame(t, must(store.ChangeCatalog(t.Context(), 0, monitor.CatalogChange{}))(t), 0)
	_, err := store.ChangeCatalog(t.Context(), 7, monitor.CatalogChange{})
	wantCode(t, err, monitor.Conflict)
}

func testCatalogAliasing(t *testing.T, store storage.Store) {
	put := []monitor.Endpoint{endpoint("shop", "a")}
	must(store.ChangeCatalog(t.Context(), 0, monitor.CatalogChange{PutEndpoints: put}))(t)
	wantSame(t, put[0].Revision, 0)
	for range 2 {
		got := must(store.Catalog(t.Context()))(t)
		wantSame(t, got.Endpoints[0].Tags, map[string]string{"team": "payments"})
		got.Endpoints[0].Tags["team"] = "changed"
		put[0].Tags["team"] = "changed"
	}
}
