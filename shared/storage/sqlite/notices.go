package sqlite

import (
	"context"
	"encoding/json"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	insertNotice = `INSERT INTO notices (incident, sequence, channel, shard, pending, revision, body)
		VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING`
	updateNotice = `UPDATE notices SET shard = ?, pending = ?, revision = revision + 1, body = ?
		WHERE incident = ? AND sequence = ? AND channel = ? AND revision = ?`
	countNotice    = `SELECT count(*) FROM notices WHERE incident = ? AND sequence = ? AND channel = ?`
	selectPending  = `SELECT revision, body FROM notices WHERE shard = ? AND pending = 1 ORDER BY incident, channel, sequence`
	selectNotices  = `SELECT revision, body FROM notices WHERE incident = ? ORDER BY sequence, channel`
	pendingNotice  = 1
	finishedNotice = 0
)

func pendingNumber(notice *monitor.Notice) int {
	if notice.Pending() {
		return pendingNotice
	}
	return finishedNotice
}

// SaveNotices implements storage.Notices.
func (s *Store) SaveNotices(ctx context.Context, notices []monitor.Notice) error {
	bodies := make([][]byte, len(notices))
	for i := range notices {
		body, err := json.Marshal(notices[i])
		if err != nil {
			return s.fault(err)
		}
		bodies[i] = body
	}
	return s.fault(s.write.submit(ctx, func(tx *tx) error {
		for i := range notices {
			n := &notices[i]
			_, err := tx.exec(insertNotice, n.Incident, n.Sequence, n.Channel, n.Shard, pendingNumber(n), bodies[i])
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// PendingNotices implements storage.Notices.
func (s *Store) PendingNotices(ctx context.Context, shard int) ([]monitor.Notice, error) {
	return s.notices(ctx, selectPending, shard)
}

// NoticesOf implements storage.Notices.
func (s *Store) NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error) {
	return s.notices(ctx, selectNotices, incident)
}

func (s *Store) notices(ctx context.Context, query string, arg any) ([]monitor.Notice, error) {
	var notices []monitor.Notice
	err := s.read.each(ctx, query, []any{arg}, func(scan func(...any) error) error {
		var revision int64
		var body []byte
		if err := scan(&revision, &body); err != nil {
			return err
		}
		var notice monitor.Notice
		err := s.parse(body, &notice)
		notice.Revision = revision
		notices = append(notices, notice)
		return err
	})
	if err != nil {
		return nil, s.fault(err)
	}
	return notices, nil
}

// UpdateNotice implements storage.Notices.
func (s *Store) UpdateNotice(ctx context.Context, notice monitor.Notice) (int64, error) {
	body, err := json.Marshal(notice)
	if err != nil {
		return 0, s.fault(err)
	}
	err = s.write.submit(ctx, func(tx *tx) error {
		changed, err := tx.exec(updateNotice, notice.Shard, pendingNumber(&notice), body,
			notice.Incident, notice.Sequence, notice.Channel, notice.Revision)
		if err != nil || changed > 0 {
			return err
		}
		return missedNotice(tx, &notice)
	})
	if err != nil {
		return 0, s.fault(err)
	}
	return notice.Revision + 1, nil
}

// missedNotice says why an update found nothing to change.
func missedNotice(tx *tx, notice *monitor.Notice) error {
	var stored int
	err := tx.get(countNotice, []any{notice.Incident, notice.Sequence, notice.Channel}, &stored)
	switch {
	case err != nil:
		return err
	case stored == 0:
		return monitor.Errorf(monitor.NotFound, "there is no notice %d of incident %q to %s",
			notice.Sequence, notice.Incident, notice.Channel)
	default:
		return monitor.Errorf(monitor.Conflict, "the notice has changed since revision %d: read again, then write again",
			notice.Revision)
	}
}
