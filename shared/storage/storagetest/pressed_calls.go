package storagetest

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// Ready is that of the store.
func (p *Pressed) Ready(ctx context.Context) error {
	if err := p.press(ctx); err != nil {
		return err
	}
	return p.store.Ready(ctx)
}

// AppendTail is that of the store.
func (p *Pressed) AppendTail(ctx context.Context, shard int, arrived monitor.Instant, data []byte) error {
	if err := p.press(ctx); err != nil {
		return err
	}
	return p.store.AppendTail(ctx, shard, arrived, data)
}

// TailRows is that of the store.
func (p *Pressed) TailRows(ctx context.Context, shard int, after int64, limit int) ([]storage.TailRow, error) {
	return pressed(ctx, p, func() ([]storage.TailRow, error) { return p.store.TailRows(ctx, shard, after, limit) })
}

// TailMark is that of the store.
func (p *Pressed) TailMark(ctx context.Context, shard int, before monitor.Instant) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.TailMark(ctx, shard, before) })
}

// Folded is that of the store.
func (p *Pressed) Folded(ctx context.Context, shard int) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.Folded(ctx, shard) })
}

// Windows is that of the store.
func (p *Pressed) Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error) {
	return pressed(ctx, p, func() ([]monitor.Window, error) { return p.store.Windows(ctx, keys) })
}

// Packs is that of the store.
func (p *Pressed) Packs(ctx context.Context, keys []monitor.PackKey) ([]monitor.Pack, error) {
	return pressed(ctx, p, func() ([]monitor.Pack, error) { return p.store.Packs(ctx, keys) })
}

// CommitFold is that of the store.
func (p *Pressed) CommitFold(ctx context.Context, fold storage.Fold) error {
	if err := p.press(ctx); err != nil {
		return err
	}
	return p.store.CommitFold(ctx, fold)
}

// Results is that of the store.
func (p *Pressed) Results(ctx context.Context, endpoint, location string, from, to monitor.Instant) ([]monitor.Result, error) {
	return pressed(ctx, p, func() ([]monitor.Result, error) { return p.store.Results(ctx, endpoint, location, from, to) })
}

// Cells is that of the store.
func (p *Pressed) Cells(ctx context.Context, series storage.Series, from, to monitor.Instant) ([]monitor.Cell, error) {
	return pressed(ctx, p, func() ([]monitor.Cell, error) { return p.store.Cells(ctx, series, from, to) })
}

// Latest is that of the store.
func (p *Pressed) Latest(ctx context.Context, shard int) ([]monitor.Result, error) {
	return pressed(ctx, p, func() ([]monitor.Result, error) { return p.store.Latest(ctx, shard) })
}

// ShardState is that of the store.
func (p *Pressed) ShardState(ctx context.Context, shard int) (monitor.ShardState, error) {
	return pressed(ctx, p, func() (monitor.ShardState, error) { return p.store.ShardState(ctx, shard) })
}

// SaveShardState is that of the store.
func (p *Pressed) SaveShardState(ctx context.Context, state monitor.ShardState) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.SaveShardState(ctx, state) })
}

// PutIncident is that of the store.
func (p *Pressed) PutIncident(ctx context.Context, incident monitor.Incident) error {
	if err := p.press(ctx); err != nil {
		return err
	}
	return p.store.PutIncident(ctx, incident)
}

// Incident is that of the store.
func (p *Pressed) Incident(ctx context.Context, id string) (monitor.Incident, error) {
	return pressed(ctx, p, func() (monitor.Incident, error) { return p.store.Incident(ctx, id) })
}

// Incidents is that of the store.
func (p *Pressed) Incidents(ctx context.Context, filter storage.IncidentFilter) ([]monitor.Incident, error) {
	return pressed(ctx, p, func() ([]monitor.Incident, error) { return p.store.Incidents(ctx, filter) })
}

// SaveNotices is that of the store.
func (p *Pressed) SaveNotices(ctx context.Context, notices []monitor.Notice) error {
	if err := p.press(ctx); err != nil {
		return err
	}
	return p.store.SaveNotices(ctx, notices)
}

// PendingNotices is that of the store.
func (p *Pressed) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	return pressed(ctx, p, func() ([]monitor.Notice, error) { return p.store.PendingNotices(ctx, shard) })
}

// UpdateNotice is that of the store.
func (p *Pressed) UpdateNotice(ctx context.Context, notice monitor.Notice) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.UpdateNotice(ctx, notice) })
}

// NoticesOf is that of the store.
func (p *Pressed) NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error) {
	return pressed(ctx, p, func() ([]monitor.Notice, error) { return p.store.NoticesOf(ctx, incident) })
}

// Claim is that of the store.
func (p *Pressed) Claim(ctx context.Context, slot monitor.Instant) (monitor.Claim, error) {
	return pressed(ctx, p, func() (monitor.Claim, error) { return p.store.Claim(ctx, slot) })
}

// SaveClaim is that of the store.
func (p *Pressed) SaveClaim(ctx context.Context, claim monitor.Claim) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.SaveClaim(ctx, claim) })
}

// Claims is that of the store.
func (p *Pressed) Claims(ctx context.Context, from, to monitor.Instant) ([]monitor.Claim, error) {
	return pressed(ctx, p, func() ([]monitor.Claim, error) { return p.store.Claims(ctx, from, to) })
}

// CatalogRevision is that of the store.
func (p *Pressed) CatalogRevision(ctx context.Context) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.CatalogRevision(ctx) })
}

// Catalog is that of the store.
func (p *Pressed) Catalog(ctx context.Context) (monitor.Catalog, error) {
	return pressed(ctx, p, func() (monitor.Catalog, error) { return p.store.Catalog(ctx) })
}

// ChangeCatalog is that of the store.
func (p *Pressed) ChangeCatalog(ctx context.Context, base int64, change monitor.CatalogChange) (int64, error) {
	return pressed(ctx, p, func() (int64, error) { return p.store.ChangeCatalog(ctx, base, change) })
}

// Close is that of the store.
func (p *Pressed) Close() error { return p.store.Close() }
