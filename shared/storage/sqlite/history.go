package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

const (
	selectWindowSpan = `SELECT coalesce(min(key), 0), coalesce(max(key), -1) FROM windows`
	selectPackSpan   = `SELECT coalesce(min(key), 0), coalesce(max(key), -1) FROM packs WHERE key >= ? AND key < ?`
	selectLatest     = `SELECT series.endpoint, series.location, latest.row
		FROM latest JOIN series ON series.id = latest.key & 0xffffffff
		WHERE latest.key >= ? AND latest.key < ? ORDER BY series.endpoint, series.location`
)

// Results implements storage.History.
func (s *Store) Results(ctx context.Context, endpoint, location string, from, to monitor.Instant) ([]monitor.Result, error) {
	series, found, err := s.findSeries(ctx, seriesName{endpoint, location})
	if err != nil || !found {
		return nil, s.fault(err)
	}
	var oldest, newest int64
	if err := s.read.get(ctx, selectWindowSpan, nil, &oldest, &newest); err != nil {
		return nil, s.fault(err)
	}
	var keys []int64
	start := max(from, windowStart(oldest)).Floor(monitor.WindowSpan)
	for end := min(to, windowStart(newest)+1); start < end; start = start.Add(monitor.WindowSpan) {
		keys = append(keys, windowKey(start, series))
	}
	results, err := s.resultsOf(ctx, seriesName{endpoint, location}, keys, from, to)
	if err != nil {
		return nil, s.fault(err)
	}
	return results, nil
}

// resultsOf returns the results of the windows that are due in [from, to).
func (s *Store) resultsOf(ctx context.Context, of seriesName, keys []int64, from, to monitor.Instant) ([]monitor.Result, error) {
	var results []monitor.Result
	var decoder codec.Decoder
	err := s.read.each(ctx, selectWindows, []any{list(keys)}, func(scan func(...any) error) error {
		var at int
		var revision int64
		var blob sql.RawBytes
		if err := scan(&at, &revision, &blob); err != nil {
			return err
		}
		rows, err := decoder.Window(blob, of.endpoint, of.location)
		for i := range rows {
			if from <= rows[i].Due && rows[i].Due < to {
				results = append(results, rows[i])
			}
		}
		return s.undamaged(err)
	})
	return results, err
}

// Cells implements storage.History.
func (s *Store) Cells(ctx context.Context, series storage.Series, from, to monitor.Instant) ([]monitor.Cell, error) {
	number, err := tierNumber(series.Tier)
	if err != nil {
		return nil, err
	}
	var oldest, newest int64
	span := []any{number << tierBits, (number + 1) << tierBits}
	if err := s.read.get(ctx, selectPackSpan, span, &oldest, &newest); err != nil {
		return nil, s.fault(err)
	}
	id, found, err := s.findSeries(ctx, seriesName{series.Endpoint, series.Location})
	if err != nil || !found || newest < oldest {
		return nil, s.fault(err)
	}
	var keys []int64
	start := series.Tier.PackStart(max(from, packStart(oldest)))
	for end := min(to, packStart(newest)+1); start < end; start = series.Tier.NextPack(start) {
		key, err := packKey(series.Tier, start, id)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	var cells []monitor.Cell
	err = s.cells(ctx, keys, func(_ int, _ int64, found []monitor.Cell) {
		for _, cell := range found {
			if from <= cell.Start && cell.Start < to {
				cells = append(cells, cell)
			}
		}
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return cells, nil
}

// Latest implements storage.History.
func (s *Store) Latest(ctx context.Context, shard int) ([]monitor.Result, error) {
	var latest []monitor.Result
	var decoder codec.Decoder
	span := []any{latestKey(shard, 0), latestKey(shard+1, 0)}
	err := s.read.each(ctx, selectLatest, span, func(scan func(...any) error) error {
		var name seriesName
		var blob sql.RawBytes
		if err := scan(&name.endpoint, &name.location, &blob); err != nil {
			return err
		}
		rows, err := decoder.Window(blob, name.endpoint, name.location)
		if err == nil && len(rows) != 1 {
			err = errors.New("the latest result is not one row")
		}
		if err != nil {
			return s.damaged(err)
		}
		latest = append(latest, rows[0])
		return nil
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return latest, nil
}
