package sqlite

import (
	"context"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// How long rollups and claims are kept, counted from their end.
const (
	keepMinutes = 48 * time.Hour
	keepHours   = 90 * 24 * time.Hour
	keepDays    = 2 * 365 * 24 * time.Hour
	keepClaims  = 7 * 24 * time.Hour
)

// A call of Maintain removes rows in steps, each a write of its own, so that
// other writes get their turn in between.
const (
	stepRows = 200
	maxSteps = 100
	minFree  = 256 // pages, 2 MB: fewer are not worth giving back
)

const (
	expireWindows = `DELETE FROM windows WHERE key IN (SELECT key FROM windows WHERE key < ? ORDER BY key LIMIT ?)`
	expirePacks   = `DELETE FROM packs WHERE key IN (SELECT key FROM packs WHERE key >= ? AND key < ? ORDER BY key LIMIT ?)`
	expireClaims  = `DELETE FROM claims WHERE slot IN (SELECT slot FROM claims WHERE slot < ? ORDER BY slot LIMIT ?)`
	evictWindows  = `DELETE FROM windows WHERE key IN (SELECT key FROM windows ORDER BY key LIMIT ?)`
)

// Maintain removes what is too old at now: windows whose last results are
// older than Options.Retention, minutes after 48 hours, hours after 90 days,
// days after 2 years, claims after 7 days. Where the database is larger than
// Options.Disk, the oldest windows go before their time. States, incidents,
// notices and the tail are never removed. A call does a bounded amount of
// work; the next one goes on. Unavailable: all windows are gone, and the
// database is still too large.
func (s *Store) Maintain(ctx context.Context, now monitor.Instant) error {
	steps := maxSteps
	for _, expired := range expiries(now, s.options.Retention) {
		removed, err := s.remove(ctx, &steps, expired)
		if err != nil {
			return s.fault(err)
		}
		if expired.query == expireWindows {
			s.metrics.expired.Add(float64(removed))
		}
	}
	if err := s.evict(ctx, &steps); err != nil {
		return s.fault(err)
	}
	return s.fault(s.shrink(ctx, &steps))
}

// expiries are the statements that remove what is too old; each still lacks
// its last argument, the most rows to remove.
func expiries(now monitor.Instant, retention time.Duration) []statement {
	expired := []statement{
		{expireWindows, []any{windowKey(max(now.Add(-retention), 0).Floor(monitor.WindowSpan), 0)}},
		{expireClaims, []any{int64(now.Add(-keepClaims))}},
	}
	for number, keep := range []struct {
		tier monitor.Tier
		time time.Duration
	}{{monitor.Minutes, keepMinutes}, {monitor.Hours, keepHours}, {monitor.Days, keepDays}} {
		start := keep.tier.PackStart(max(now.Add(-keep.time), 0))
		first := int64(number) << tierBits
		expired = append(expired, statement{expirePacks, []any{first, first | int64(start)/time.Hour.Milliseconds()<<seriesBits}})
	}
	return expired
}

// remove runs the statement until it finds no more or the steps are used up,
// and returns how many rows are gone.
func (s *Store) remove(ctx context.Context, steps *int, from statement) (int64, error) {
	args := append(slices.Clip(from.args), stepRows)
	removed := int64(0)
	for *steps > 0 {
		*steps--
		var step int64
		err := s.write.submit(ctx, func(tx *tx) (err error) {
			step, err = tx.exec(from.query, args...)
			return err
		})
		removed += step
		if err != nil || step < stepRows {
			return removed, err
		}
	}
	return removed, nil
}

// evict removes the oldest windows while the database is too large.
func (s *Store) evict(ctx context.Context, steps *int) error {
	for *steps > 0 {
		used, err := s.Size(ctx)
		if err != nil || used <= s.options.Disk {
			return err
		}
		*steps--
		step := 1
		removed, err := s.remove(ctx, &step, statement{evictWindows, nil})
		if err != nil {
			return err
		}
		s.metrics.evicted.Add(float64(removed))
		if removed == 0 {
			return monitor.Errorf(monitor.Unavailable,
				"%s holds %d bytes without any result that may go, %d are allowed: those that wait to be folded, rollups and incidents stay; raise MONITOR_DISK", s.path, used, s.options.Disk)
		}
	}
	return nil
}

const (
	selectFree = `SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count`
	vacuum     = `PRAGMA incremental_vacuum(512)`
)

// shrink gives free pages back to the disk while they are more than a quarter
// of the file: fewer are soon used again.
func (s *Store) shrink(ctx context.Context, steps *int) error {
	for ; *steps > 0; *steps-- {
		var free, pages int64
		if err := s.read.get(ctx, selectFree, nil, &free, &pages); err != nil {
			return err
		}
		if free < minFree || free*4 < pages {
			return nil
		}
		err := s.write.submit(ctx, func(tx *tx) error {
			_, err := tx.exec(vacuum)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
