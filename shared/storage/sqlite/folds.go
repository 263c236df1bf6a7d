package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

const (
	selectWindow = `SELECT revision, rows FROM windows WHERE key = ?`
	selectPack   = `SELECT cells FROM packs WHERE key = ?`
)

// Windows implements storage.Folds.
func (s *Store) Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error) {
	windows := make([]monitor.Window, len(keys))
	var decoder codec.Decoder
	for i, key := range keys {
		window, err := s.window(ctx, &decoder, key)
		if err != nil {
			return nil, s.fault(err)
		}
		windows[i] = window
	}
	return windows, nil
}

func (s *Store) window(ctx context.Context, decoder *codec.Decoder, key monitor.WindowKey) (monitor.Window, error) {
	window := monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
	if err := checkWindowStart(key.Start); err != nil {
		return window, err
	}
	series, found, err := s.findSeries(ctx, seriesName{key.Endpoint, key.Location})
	if err != nil || !found {
		return window, err
	}
	var blob []byte
	err = s.read.get(ctx, selectWindow, []any{windowKey(key.Start, series)}, &window.Revision, &blob)
	if errors.Is(err, sql.ErrNoRows) {
		return window, nil
	}
	if err == nil {
		window.Rows, err = decoder.Window(blob, key.Endpoint, key.Location)
		err = s.undamaged(err)
	}
	return window, err
}

// undamaged says what to do about bytes that cannot be decoded.
func (s *Store) undamaged(err error) error {
	if err != nil {
		return s.damaged(err)
	}
	return nil
}

// Packs implements storage.Folds.
func (s *Store) Packs(ctx context.Context, keys []monitor.PackKey) ([]monitor.Pack, error) {
	packs := make([]monitor.Pack, len(keys))
	var decoder codec.Decoder
	for i, key := range keys {
		pack, err := s.pack(ctx, &decoder, key)
		if err != nil {
			return nil, s.fault(err)
		}
		packs[i] = pack
	}
	return packs, nil
}

func (s *Store) pack(ctx context.Context, decoder *codec.Decoder, key monitor.PackKey) (monitor.Pack, error) {
	pack := monitor.Pack{Tier: key.Tier, Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
	if _, err := packKey(key.Tier, key.Start, 0); err != nil {
		return pack, err
	}
	series, found, err := s.findSeries(ctx, seriesName{key.Endpoint, key.Location})
	if err != nil || !found {
		return pack, err
	}
	number, err := packKey(key.Tier, key.Start, series)
	if err != nil {
		return pack, err
	}
	var blob []byte
	err = s.read.get(ctx, selectPack, []any{number}, &blob)
	if errors.Is(err, sql.ErrNoRows) {
		return pack, nil
	}
	if err == nil {
		pack.Cells, err = decoder.Cells(blob)
		err = s.undamaged(err)
	}
	return pack, err
}
