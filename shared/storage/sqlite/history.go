package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

const (
	selectWindowSpan = `SELECT coalesce(min(key), 0), coalesce(max(key), -1) FROM windows`
	// One look-up a window: a scan would pass over those of all endpoints.
	selectWindows = `WITH RECURSIVE wanted (key) AS (
			VALUES (?) UNION ALL SELECT key + (1 << 32) FROM wanted WHERE key + (1 << 32) <= ?)
		SELECT windows.rows FROM wanted CROSS JOIN windows ON windows.key = wanted.key`
	selectPackSpan = `SELECT coalesce(min(key), 0), coalesce(max(key), -1) FROM packs WHERE key >= ? AND key < ?`
	selectLatest   = `SELECT series.endpoint, series.location, latest.row
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
	first := max(from, windowStart(oldest)).Floor(monitor.WindowSpan)
	last := min(to, windowStart(newest)+1)
	if first >= last {
		return nil, nil
	}
	var results []monitor.Result
	var decoder codec.Decoder
	span := []any{windowKey(first, series), windowKey(last-1, series)}
	err = s.read.each(ctx, selectWindows, span, func(scan func(...any) error) error {
		var blob sql.RawBytes
		if err := scan(&blob); err != nil {
			return err
		}
		rows, err := decoder.Window(blob, endpoint, location)
		for i := range rows {
			if from <= rows[i].Due && rows[i].Due < to {
				results = append(results, rows[i])
			}
		}
		return s.undamaged(err)
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return results, nil
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
	if newest < oldest {
		return nil, nil
	}
	var cells []monitor.Cell
	var decoder codec.Decoder
	start := series.Tier.PackStart(max(from, packStart(oldest)))
	for end := min(to, packStart(newest)+1); start < end; start = nextPack(series.Tier, start) {
		pack, err := s.pack(ctx, &decoder, monitor.PackKey{
			Tier: series.Tier, Endpoint: series.Endpoint, Location: series.Location, Start: start,
		})
		if err != nil {
			return nil, s.fault(err)
		}
		for _, cell := range pack.Cells {
			if from <= cell.Start && cell.Start < to {
				cells = append(cells, cell)
			}
		}
	}
	return cells, nil
}

// nextPack returns the start of the pack after the one that starts at start.
func nextPack(tier monitor.Tier, start monitor.Instant) monitor.Instant {
	switch tier {
	case monitor.Minutes:
		return start.Add(time.Hour)
	case monitor.Hours:
		return start.Add(24 * time.Hour)
	default:
		return monitor.At(start.Time().AddDate(0, 1, 0))
	}
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
