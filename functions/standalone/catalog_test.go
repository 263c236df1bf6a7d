package standalone_test

import (
	"slices"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

func TestOneCatalog(t *testing.T) {
	t.Parallel()
	store, err := drivers.Open(t.Context(), drivers.Settings{Store: "sqlite", Data: t.TempDir(), Retention: monitor.Duration(48 * time.Hour), Disk: 1_000_000_000}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	shared := standalone.OneCatalog(store)
	self := monitor.Endpoint{Namespace: "monitor", ID: "self"}
	revision := int64(0)
	for _, name := range []string{"before", "after"} {
		revision, err = store.ChangeCatalog(t.Context(), revision, monitor.CatalogChange{
			PutEndpoints: []monitor.Endpoint{self, {Namespace: "shop", ID: "a", Name: name}, {Namespace: "zoo", ID: "a"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		first, err1 := shared.Catalog(t.Context())
		second, err2 := shared.Catalog(t.Context())
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if !slices.ContainsFunc(first.Endpoints, func(e monitor.Endpoint) bool { return e.Name == name }) || first.Revision != revision {
			t.Errorf("got revision %d, want the newest: %q of %d", first.Revision, name, revision)
		}
		if &first.Endpoints[0] != &second.Endpoints[0] {
			t.Error("got the same revision twice, want it once in memory")
		}
		others, err := standalone.Others(shared).Catalog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(others.Endpoints) != 2 || slices.ContainsFunc(others.Endpoints, func(e monitor.Endpoint) bool { return e.Key() == self.Key() }) {
			t.Errorf("got %d endpoints to probe, want both but the monitor itself", len(others.Endpoints))
		}
		if &first.Endpoints[0] != &others.Endpoints[0] {
			t.Error("got a copy of those to probe, want them once in memory")
		}
	}
}
