package couchbase

import (
	"context"
	"runtime"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// maxPending is how many bytes of a fold's documents wait in memory, so that an
// error among its parts mostly leaves nothing behind.
const maxPending = 64 << 20

// CommitFold implements storage.Folds. The windows and rollups are written with
// majority, as the tail was: rows that leave it are in them, whichever node is lost.
func (s *Store) CommitFold(ctx context.Context, fold storage.Fold) error {
	t, err := s.shardTail(ctx, fold.Shard)
	if err != nil {
		return err
	}
	if err := s.writeParts(ctx, &fold); err != nil {
		return err
	}
	if err := s.putLatest(ctx, &t, fold.Latest); err != nil {
		return err
	}
	before, after, err := t.moveMark(ctx, fold.Folded, fold.Drop, s.link.Stamp)
	if err != nil {
		return err
	}
	t.drop(ctx, before.Dropped, after.Dropped)
	return nil
}

// writeParts writes the windows and rollups of all parts, once all are there.
func (s *Store) writeParts(ctx context.Context, fold *storage.Fold) error {
	pending := writes{}
	if err := s.addPart(ctx, &pending, &storage.FoldPart{Windows: fold.Windows, Packs: fold.Packs}); err != nil {
		return err
	}
	if fold.Parts != nil {
		for part, err := range fold.Parts {
			if err == nil {
				err = s.addPart(ctx, &pending, &part)
			}
			if err == nil && pending.bytes > maxPending {
				err = s.write(ctx, &pending)
			}
			if err != nil {
				return err
			}
		}
	}
	return s.write(ctx, &pending)
}

// writes are documents that wait to be written, by bucket.
type writes struct {
	windows, packs map[string][]link.Write
	bytes          int
}

func (w *writes) add(to *map[string][]link.Write, bucket string, write link.Write) {
	if *to == nil {
		*to = map[string][]link.Write{}
	}
	(*to)[bucket] = append((*to)[bucket], write)
	w.bytes += len(write.Body)
}

// addPart encodes the documents of a part. What has expired is left out.
func (s *Store) addPart(ctx context.Context, pending *writes, part *storage.FoldPart) error {
	for i := range part.Windows {
		runtime.Gosched()
		window := &part.Windows[i]
		bucket, write, err := s.windowWrite(ctx, window)
		if err != nil {
			return err
		}
		if s.now() < monitor.At(write.Expire) {
			pending.add(&pending.windows, bucket, write)
		}
	}
	for i := range part.Packs {
		runtime.Gosched()
		bucket, write, err := s.packWrite(ctx, &part.Packs[i])
		if err != nil {
			return err
		}
		if s.now() < monitor.At(write.Expire) {
			pending.add(&pending.packs, bucket, write)
		}
	}
	return nil
}

// write writes what waits: windows before the rollups that are made from them.
func (s *Store) write(ctx context.Context, pending *writes) error {
	for _, kind := range []struct {
		collection string
		writes     map[string][]link.Write
	}{{layout.Windows, pending.windows}, {layout.Rollups, pending.packs}} {
		for bucket, writes := range kind.writes {
			if err := s.link.Collection(bucket, kind.collection).SwapAll(ctx, writes, link.Majority); err != nil {
				return err
			}
		}
	}
	*pending = writes{}
	return nil
}
