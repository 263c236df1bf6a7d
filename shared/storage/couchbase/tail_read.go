package couchbase

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/rows"
)

// TailRows implements storage.Tail.
func (s *Store) TailRows(ctx context.Context, shard int, after int64, limit int) ([]storage.TailRow, error) {
	t, err := s.shardTail(ctx, shard)
	if err != nil {
		return nil, err
	}
	return t.read(ctx, after, limit)
}

// read returns the rows behind after, up to the end of the chain.
func (t *shardTail) read(ctx context.Context, after int64, limit int) ([]storage.TailRow, error) {
	var all []storage.TailRow
	for {
		more, err := t.readOn(ctx, after, limit-len(all))
		if err != nil {
			return nil, err
		}
		all, after = append(all, more...), after+int64(len(more))
		if len(all) >= limit {
			return all, nil
		}
		next, err := t.resume(ctx, after)
		if err != nil || next == after {
			return all, err
		}
		after = next
	}
}

// readOn returns the rows from after+1 on, until one is not there.
func (t *shardTail) readOn(ctx context.Context, after int64, limit int) ([]storage.TailRow, error) {
	var all []storage.TailRow
	for room := 1; len(all) < limit; room = min(2*room, tailPage) {
		last := after + int64(len(all))
		keys := make([]string, min(t.page(last, room), limit-len(all)))
		for i := range keys {
			keys[i] = t.key(last + int64(i) + 1)
		}
		found, err := t.rows.GetAll(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, document := range found {
			if document.CAS == 0 {
				return all, nil
			}
			row := storage.TailRow{Seq: after + int64(len(all)) + 1}
			if row.Arrived, row.Data, err = rows.ReadTail(document.Body); err != nil {
				return nil, monitor.Wrap(monitor.CodeOf(err), err, "read the document %s", t.key(row.Seq))
			}
			t.saw(row.Seq, row.Arrived)
			all = append(all, row)
		}
	}
	return all, nil
}

// resume returns behind which row to read on where after+1 is not there: it has
// been removed, or folded and then forgotten by the cluster, as all before it were.
// If it returns after, the chain ends there.
func (t *shardTail) resume(ctx context.Context, after int64) (int64, error) {
	mark, err := t.mark(ctx)
	switch {
	case err != nil || after >= mark.Folded:
		return after, err
	case after < mark.Dropped:
		return mark.Dropped, nil
	}
	gone, there := after+1, mark.Folded+1
	for there-gone > 1 {
		between := gone + (there-gone)/2
		found, err := t.get(ctx, between)
		if err != nil {
			return 0, err
		}
		if found {
			there = between
		} else {
			gone = between
		}
	}
	return there - 1, nil
}

// TailMark implements storage.Tail. What this process has not yet seen of the
// tail is read.
func (s *Store) TailMark(ctx context.Context, shard int, before monitor.Instant) (int64, error) {
	t, err := s.shardTail(ctx, shard)
	if err != nil {
		return 0, err
	}
	mark, err := t.mark(ctx)
	if err != nil {
		return 0, err
	}
	for seq := mark.Dropped; ; {
		seq = t.early(seq, before)
		var more []storage.TailRow
		if !t.knows(seq+1) && seq+1 != t.nextNumber() {
			if more, err = t.read(ctx, seq, tailPage); err != nil {
				return 0, err
			}
		}
		if len(more) > 0 && more[0].Arrived < before {
			seq = more[0].Seq // others may know already that it is dropped, and so not remember it
			continue
		}
		if len(more) > 0 {
			seq = more[0].Seq - 1
		}
		if seq == mark.Dropped {
			return 0, nil
		}
		return seq, nil
	}
}

// Folded implements storage.Tail.
func (s *Store) Folded(ctx context.Context, shard int) (int64, error) {
	t, err := s.shardTail(ctx, shard)
	if err != nil {
		return 0, err
	}
	mark, err := t.mark(ctx)
	return mark.Folded, err
}
