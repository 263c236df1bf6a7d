package storagetest

import (
	"context"
	"errors"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

var storeTests = map[string]func(t *testing.T, open Place){
	"store/what was kept is there after it is opened again": testReopen,
	"store/after close every call is unavailable":           testClosed,
	"store/it may be closed twice":                          testClosedTwice,
	"store/a call that nobody waits for keeps nothing":      with(testCancelled),
	"store/it is ready":                                     with(testReady),
}

func testReopen(t *testing.T, open Place) {
	ctx := t.Context()
	store := opened(t, open)
	pack := monitor.Pack{Tier: monitor.Minutes, Endpoint: shop, Location: here, Start: origin, Cells: []monitor.Cell{cell(origin, 1)}}
	check(t, store.AppendTail(ctx, 1, origin, []byte("row")))
	check(t, store.CommitFold(ctx, storage.Fold{
		Shard: 1, Windows: []monitor.Window{windowOf(failed(shop, 1))}, Packs: []monitor.Pack{pack}, Latest: []monitor.Result{failed(shop, 1)},
	}))
	must(store.SaveShardState(ctx, shardState()))(t)
	check(t, store.PutIncident(ctx, incident(1, origin)))
	savedNotices(t, store, notice("a", 1, "shop/a"))
	claim := claimOf(origin)
	claim.Revision = must(store.SaveClaim(ctx, claim))(t)
	must(store.ChangeCatalog(ctx, 0, monitor.CatalogChange{PutChannels: []monitor.Channel{channel("oncall")}}))(t)
	rows := must(store.TailRows(ctx, 1, 0, 10))(t)
	state := must(store.ShardState(ctx, 6))(t)

	store = reopened(t, open, store)
	wantSame(t, must(store.TailRows(ctx, 1, 0, 10))(t), rows)
	wantSame(t, must(store.Results(ctx, shop, here, 0, forever))(t), []monitor.Result{failed(shop, 1)})
	wantSame(t, withoutRevisions(t, must(store.Packs(ctx, []monitor.PackKey{packKeyOf(pack)}))(t)), []monitor.Pack{pack})
	wantSame(t, must(store.Latest(ctx, 1))(t), []monitor.Result{failed(shop, 1)})
	wantSame(t, must(store.ShardState(ctx, 6))(t), state)
	wantSame(t, must(store.Incident(ctx, "incident-001"))(t), incident(1, origin))
	wantSame(t, withoutRevision(t, must(store.NoticesOf(ctx, "a"))(t)), []monitor.Notice{notice("a", 1, "shop/a")})
	wantSame(t, must(store.Claim(ctx, origin))(t), claim)
	wantSame(t, must(store.Catalog(ctx))(t).Channels, []monitor.Channel{channel("oncall")})
}

// calls are all calls of a store, by their names.
func calls(ctx context.Context, store storage.Store) map[string]func() error {
	return map[string]func() error{
		"AppendTail": func() error { return store.AppendTail(ctx, 0, origin, []byte("x")) },
		"TailRows":   func() error { _, err := store.TailRows(ctx, 0, 0, 1); return err },
		"TailMark":   func() error { _, err := store.TailMark(ctx, 0, 0); return err },
		"Folded":     func() error { _, err := store.Folded(ctx, 0); return err },
		"Windows": func() error {
			_, err := store.Windows(ctx, []monitor.WindowKey{{Endpoint: shop, Location: here}})
			return err
		},
		"Packs": func() error {
			_, err := store.Packs(ctx, []monitor.PackKey{{Tier: monitor.Hours, Endpoint: shop}})
			return err
		},
		"CommitFold": func() error { return store.CommitFold(ctx, storage.Fold{Latest: []monitor.Result{passed(shop, 0)}}) },
		"Results":    func() error { _, err := store.Results(ctx, shop, here, 0, forever); return err },
		"Cells": func() error {
			_, err := store.Cells(ctx, storage.Series{Tier: monitor.Days, Endpoint: shop}, 0, forever)
			return err
		},
		"Latest":          func() error { _, err := store.Latest(ctx, 0); return err },
		"ShardState":      func() error { _, err := store.ShardState(ctx, 0); return err },
		"SaveShardState":  func() error { _, err := store.SaveShardState(ctx, monitor.ShardState{}); return err },
		"PutIncident":     func() error { return store.PutIncident(ctx, incident(1, origin)) },
		"Incident":        func() error { _, err := store.Incident(ctx, "incident-001"); return err },
		"Incidents":       func() error { _, err := store.Incidents(ctx, storage.IncidentFilter{Limit: 1}); return err },
		"SaveNotices":     func() error { return store.SaveNotices(ctx, []monitor.Notice{notice("a", 1, "shop/a")}) },
		"PendingNotices":  func() error { _, err := store.PendingNotices(ctx, 3); return err },
		"UpdateNotice":    func() error { _, err := store.UpdateNotice(ctx, notice("a", 1, "shop/a")); return err },
		"NoticesOf":       func() error { _, err := store.NoticesOf(ctx, "a"); return err },
		"Claim":           func() error { _, err := store.Claim(ctx, origin); return err },
		"SaveClaim":       func() error { _, err := store.SaveClaim(ctx, claimOf(origin)); return err },
		"Claims":          func() error { _, err := store.Claims(ctx, 0, forever); return err },
		"CatalogRevision": func() error { _, err := store.CatalogRevision(ctx); return err },
		"Catalog":         func() error { _, err := store.Catalog(ctx); return err },
		"ChangeCatalog": func() error {
			_, err := store.ChangeCatalog(ctx, 0, monitor.CatalogChange{PutChannels: []monitor.Channel{channel("oncall")}})
			return err
		},
		"Ready": func() error { return store.Ready(ctx) },
	}
}

func testClosed(t *testing.T, open Place) {
	store := open(t)
	check(t, store.Close())
	for name, call := range calls(t.Context(), store) {
		if err := call(); !errors.Is(err, monitor.Unavailable) {
			t.Errorf("%s: got error %v, want code %s", name, err, monitor.Unavailable)
		}
	}
}

func testClosedTwice(t *testing.T, open Place) {
	store := open(t)
	check(t, store.Close())
	check(t, store.Close())
}

func testCancelled(t *testing.T, store storage.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(ctx, store) {
		err := call()
		if !errors.Is(err, monitor.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want code %s because of %v", name, err, monitor.Unavailable, context.Canceled)
		}
	}
	wantSame(t, must(store.TailRows(t.Context(), 0, 0, 10))(t), nil)
	wantSame(t, must(store.CatalogRevision(t.Context()))(t), 0)
}

func testReady(t *testing.T, store storage.Store) {
	check(t, store.Ready(t.Context()))
}
