package couchbase

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// historyPage is how many documents are read at once: a day of windows.
const historyPage = 144

// Results implements storage.History. What has expired is not asked for.
func (s *Store) Results(ctx context.Context, endpoint, location string, from, to monitor.Instant) ([]monitor.Result, error) {
	from, to = s.within(from, to, s.options.Retention+monitor.WindowSpan)
	var results []monitor.Result
	var keys []monitor.WindowKey
	for start := from.Floor(monitor.WindowSpan); start < to; start = start.Add(monitor.WindowSpan) {
		keys = append(keys, monitor.WindowKey{Endpoint: endpoint, Location: location, Start: start})
		if len(keys) < historyPage && start.Add(monitor.WindowSpan) < to {
			continue
		}
		windows, err := s.Windows(ctx, keys)
		if err != nil {
			return nil, err
		}
		for i := range windows {
			for _, row := range windows[i].Rows {
				if from <= row.Due && row.Due < to {
					results = append(results, row)
				}
			}
		}
		keys = keys[:0]
	}
	return results, nil
}

// within cuts a range to what may be stored: what is kept, and as much of the
// future, since clocks may differ.
func (s *Store) within(from, to monitor.Instant, keep time.Duration) (cutFrom, cutTo monitor.Instant) {
	now := s.now()
	return max(from, now.Add(-keep), 0), min(to, now.Add(keep))
}

// Cells implements storage.History. What has expired is not asked for.
func (s *Store) Cells(ctx context.Context, series storage.Series, from, to monitor.Instant) ([]monitor.Cell, error) {
	if err := checkTier(series.Tier); err != nil {
		return nil, err
	}
	first := series.Tier.PackStart(max(s.now(), 0))
	span := series.Tier.NextPack(first).Sub(first)
	low, high := s.within(from, to, s.keepTier(series.Tier)+span)
	var cells []monitor.Cell
	var keys []monitor.PackKey
	for start := series.Tier.PackStart(low); start < high; start = series.Tier.NextPack(start) {
		keys = append(keys, monitor.PackKey{Tier: series.Tier, Endpoint: series.Endpoint, Location: series.Location, Start: start})
		if len(keys) < historyPage && series.Tier.NextPack(start) < high {
			continue
		}
		packs, err := s.Packs(ctx, keys)
		if err != nil {
			return nil, err
		}
		for i := range packs {
			for _, cell := range packs[i].Cells {
				if from <= cell.Start && cell.Start < to {
					cells = append(cells, cell)
				}
			}
		}
		keys = keys[:0]
	}
	return cells, nil
}
