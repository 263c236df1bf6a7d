package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

const (
	insertTail = `INSERT INTO tail (shard, arrived, data) VALUES (?, ?, ?)`
	selectTail = `SELECT seq, arrived, data FROM tail WHERE shard = ? AND seq > ? ORDER BY seq LIMIT ?`
	selectMark = `SELECT coalesce(max(seq), 0) FROM tail WHERE shard = ?1 AND seq <
		coalesce((SELECT min(seq) FROM tail WHERE shard = ?1 AND arrived >= ?2), 9223372036854775807)`
	selectFolded = `SELECT seq FROM folded WHERE shard = ?`
)

// AppendTail implements storage.Tail.
func (s *Store) AppendTail(ctx context.Context, shard int, arrived monitor.Instant, data []byte) error {
	began := time.Now()
	err := s.write.submit(ctx, func(tx *tx) error {
		_, err := tx.exec(insertTail, shard, int64(arrived), notNil(data))
		return err
	})
	s.metrics.append.Observe(time.Since(began).Seconds())
	return s.fault(err)
}

// notNil keeps empty bytes from becoming NULL.
func notNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// TailRows implements storage.Tail.
func (s *Store) TailRows(ctx context.Context, shard int, after int64, limit int) ([]storage.TailRow, error) {
	var found []storage.TailRow
	err := s.read.each(ctx, selectTail, []any{shard, after, max(limit, 0)}, func(scan func(...any) error) error {
		var row storage.TailRow
		err := scan(&row.Seq, &row.Arrived, &row.Data)
		found = append(found, row)
		return err
	})
	return found, s.fault(err)
}

// TailMark implements storage.Tail.
func (s *Store) TailMark(ctx context.Context, shard int, before monitor.Instant) (int64, error) {
	var seq int64
	err := s.read.get(ctx, selectMark, []any{shard, int64(before)}, &seq)
	return seq, s.fault(err)
}

// Folded implements storage.Tail.
func (s *Store) Folded(ctx context.Context, shard int) (int64, error) {
	var seq int64
	err := s.read.get(ctx, selectFolded, []any{shard}, &seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, s.fault(err)
}
