package sqlite

import (
	"context"
	"database/sql"
	"runtime"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

// Both take a JSON list of keys and name each row by the place of its key. One
// query for all keys sees one moment, and costs a fraction of one for each.
const (
	selectWindows = `SELECT wanted.key, windows.revision, windows.rows
		FROM json_each(?) AS wanted CROSS JOIN windows ON windows.key = wanted.value`
	selectPacks = `SELECT wanted.key, packs.revision, packs.cells
		FROM json_each(?) AS wanted CROSS JOIN packs ON packs.key = wanted.value`
)

// noKey is the key of a series that has no number: nothing is stored there.
const noKey = int64(-1)

// Windows implements storage.Folds.
func (s *Store) Windows(ctx context.Context, keys []monitor.WindowKey) ([]monitor.Window, error) {
	windows := make([]monitor.Window, len(keys))
	numbers := make([]int64, len(keys))
	for i, key := range keys {
		windows[i] = monitor.Window{Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
		if err := checkWindowStart(key.Start); err != nil {
			return nil, err
		}
		series, found, err := s.findSeries(ctx, seriesName{key.Endpoint, key.Location})
		if err != nil {
			return nil, s.fault(err)
		}
		numbers[i] = noKey
		if found {
			numbers[i] = windowKey(key.Start, series)
		}
	}
	var decoder codec.Decoder
	err := s.read.each(ctx, selectWindows, []any{list(numbers)}, func(scan func(...any) error) error {
		runtime.Gosched() // there may be many, and of many rows
		var at int
		var revision int64
		var blob sql.RawBytes
		if err := scan(&at, &revision, &blob); err != nil {
			return err
		}
		rows, err := decoder.Window(blob, keys[at].Endpoint, keys[at].Location)
		windows[at].Revision, windows[at].Rows = revision, rows
		return s.undamaged(err)
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return windows, nil
}

// list writes keys as a JSON list.
func list(keys []int64) string {
	text := make([]byte, 0, 20*len(keys)+2)
	text = append(text, '[')
	for i, key := range keys {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, key, 10)
	}
	return string(append(text, ']'))
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
	numbers := make([]int64, len(keys))
	for i, key := range keys {
		packs[i] = monitor.Pack{Tier: key.Tier, Endpoint: key.Endpoint, Location: key.Location, Start: key.Start}
		series, found, err := s.findSeries(ctx, seriesName{key.Endpoint, key.Location})
		if err != nil {
			return nil, s.fault(err)
		}
		if numbers[i], err = packKey(key.Tier, key.Start, series); err != nil {
			return nil, err
		}
		if !found {
			numbers[i] = noKey
		}
	}
	err := s.cells(ctx, numbers, func(at int, revision int64, cells []monitor.Cell) {
		packs[at].Revision, packs[at].Cells = revision, cells
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return packs, nil
}

// cells hands on the cells of the packs that are there, in the order of their
// keys, with the places of these and the packs' revisions.
func (s *Store) cells(ctx context.Context, keys []int64, take func(at int, revision int64, cells []monitor.Cell)) error {
	var decoder codec.Decoder
	return s.read.each(ctx, selectPacks, []any{list(keys)}, func(scan func(...any) error) error {
		var at int
		var revision int64
		var blob sql.RawBytes
		if err := scan(&at, &revision, &blob); err != nil {
			return err
		}
		cells, err := decoder.Cells(blob)
		take(at, revision, cells)
		return s.undamaged(err)
	})
}
