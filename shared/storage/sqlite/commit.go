package sqlite

import (
	"context"
	"runtime"

	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

const (
	insertWindow = `INSERT INTO windows (key, revision, rows) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	updateWindow = `UPDATE windows SET revision = revision + 1, rows = ? WHERE key = ? AND revision = ?`
	insertPack   = `INSERT INTO packs (key, revision, cells) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	updatePack   = `UPDATE packs SET revision = revision + 1, cells = ? WHERE key = ? AND revision = ?`
	putLatest    = `INSERT INTO latest (key, due, row) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET due = excluded.due, row = excluded.row WHERE excluded.due > due`
	putFolded = `INSERT INTO folded (shard, seq) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq`
	dropTail = `DELETE FROM tail WHERE shard = ? AND seq <= ? AND seq <= (SELECT seq FROM folded WHERE shard = ?)`
)

// CommitFold implements storage.Folds.
func (s *Store) CommitFold(ctx context.Context, fold storage.Fold) error {
	plan, err := s.encode(ctx, &fold)
	if err != nil {
		return s.fault(err)
	}
	return s.fault(s.write.submit(ctx, plan.commit))
}

func seriesOf(part *storage.FoldPart) []seriesName {
	names := make([]seriesName, 0, len(part.Windows)+len(part.Packs))
	for i := range part.Windows {
		names = append(names, seriesName{part.Windows[i].Endpoint, part.Windows[i].Location})
	}
	for i := range part.Packs {
		names = append(names, seriesName{part.Packs[i].Endpoint, part.Packs[i].Location})
	}
	return names
}

// encodedFold is a fold as it goes into the tables. It is made before the
// transaction, which thus stays short. Both take long, and let others work in
// between.
type encodedFold struct {
	fold    *storage.Fold
	windows []keyedBlob
	packs   []keyedBlob
	latest  []keyedBlob
}

type keyedBlob struct {
	key  int64
	mark int64 // of a window or a pack its revision, of a latest row its due time
	blob []byte
}

func (s *Store) encode(ctx context.Context, fold *storage.Fold) (*encodedFold, error) {
	encoded, encoder := &encodedFold{fold: fold}, codec.NewEncoder()
	if err := s.encodePart(ctx, encoder, encoded, &storage.FoldPart{Windows: fold.Windows, Packs: fold.Packs}); err != nil {
		return nil, err
	}
	if fold.Parts != nil {
		for part, err := range fold.Parts {
			if err == nil {
				err = s.encodePart(ctx, encoder, encoded, &part)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return encoded, s.encodeLatest(ctx, encoder, encoded)
}

func (s *Store) encodePart(ctx context.Context, encoder *codec.Encoder, encoded *encodedFold, part *storage.FoldPart) error {
	if err := s.ensureSeries(ctx, seriesOf(part)); err != nil {
		return err
	}
	for i := range part.Windows {
		runtime.Gosched()
		window := &part.Windows[i]
		if err := checkWindowStart(window.Start); err != nil {
			return err
		}
		blob, err := encoder.Window(window.Rows)
		if err != nil {
			return err
		}
		series, _ := s.series.get(seriesName{window.Endpoint, window.Location})
		encoded.windows = append(encoded.windows, keyedBlob{windowKey(window.Start, series), window.Revision, blob})
	}
	for i := range part.Packs {
		runtime.Gosched()
		pack := &part.Packs[i]
		series, _ := s.series.get(seriesName{pack.Endpoint, pack.Location})
		key, err := packKey(pack.Tier, pack.Start, series)
		if err != nil {
			return err
		}
		blob, err := encoder.Cells(pack.Cells)
		if err != nil {
			return err
		}
		encoded.packs = append(encoded.packs, keyedBlob{key, pack.Revision, blob})
	}
	return nil
}

func (s *Store) encodeLatest(ctx context.Context, encoder *codec.Encoder, encoded *encodedFold) error {
	names := make([]seriesName, len(encoded.fold.Latest))
	for i, row := range encoded.fold.Latest {
		names[i] = seriesName{row.Endpoint, row.Location}
	}
	if err := s.ensureSeries(ctx, names); err != nil {
		return err
	}
	for i, row := range encoded.fold.Latest {
		blob, err := encoder.Window(encoded.fold.Latest[i : i+1])
		if err != nil {
			return err
		}
		series, _ := s.series.get(seriesName{row.Endpoint, row.Location})
		encoded.latest = append(encoded.latest, keyedBlob{latestKey(encoded.fold.Shard, series), int64(row.Due), blob})
	}
	return nil
}

func (e *encodedFold) commit(tx *tx) error {
	for _, window := range e.windows {
		runtime.Gosched()
		if err := save(tx, "a window", window, insertWindow, updateWindow); err != nil {
			return err
		}
	}
	for _, pack := range e.packs {
		runtime.Gosched()
		if err := save(tx, "a rollup", pack, insertPack, updatePack); err != nil {
			return err
		}
	}
	for _, row := range e.latest {
		if _, err := tx.exec(putLatest, row.key, row.mark, row.blob); err != nil {
			return err
		}
	}
	if _, err := tx.exec(putFolded, e.fold.Shard, e.fold.Folded); err != nil {
		return err
	}
	_, err := tx.exec(dropTail, e.fold.Shard, e.fold.Drop, e.fold.Shard)
	return err
}

func save(tx *tx, what string, one keyedBlob, insert, update string) error {
	return swap(tx, what, one.mark,
		statement{insert, []any{one.key, one.blob}},
		statement{update, []any{one.blob, one.key, one.mark}})
}
