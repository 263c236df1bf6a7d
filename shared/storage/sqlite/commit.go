package sqlite

import (
	"context"
	"runtime"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite/internal/codec"
)

const (
	insertWindow = `INSERT INTO windows (key, revision, rows) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	updateWindow = `UPDATE windows SET revision = revision + 1, rows = ? WHERE key = ? AND revision = ?`
	putPack      = `INSERT INTO packs (key, cells) VALUES (?, ?) ON CONFLICT DO UPDATE SET cells = excluded.cells`
	putLatest    = `INSERT INTO latest (key, due, row) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET due = excluded.due, row = excluded.row WHERE excluded.due > due`
	putFolded = `INSERT INTO folded (shard, seq) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq`
	dropTail = `DELETE FROM tail WHERE shard = ? AND seq <= ? AND seq <= (SELECT seq FROM folded WHERE shard = ?)`
)

// CommitFold implements storage.Folds.
func (s *Store) CommitFold(ctx context.Context, fold storage.Fold) error {
	if err := s.ensureSeries(ctx, seriesOf(&fold)); err != nil {
		return s.fault(err)
	}
	plan, err := s.encode(&fold)
	if err != nil {
		return s.fault(err)
	}
	return s.fault(s.write.submit(ctx, plan.commit))
}

func seriesOf(fold *storage.Fold) []seriesName {
	names := make([]seriesName, 0, len(fold.Windows)+len(fold.Packs)+len(fold.Latest))
	for i := range fold.Windows {
		names = append(names, seriesName{fold.Windows[i].Endpoint, fold.Windows[i].Location})
	}
	for i := range fold.Packs {
		names = append(names, seriesName{fold.Packs[i].Endpoint, fold.Packs[i].Location})
	}
	for i := range fold.Latest {
		names = append(names, seriesName{fold.Latest[i].Endpoint, fold.Latest[i].Location})
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
	mark int64 // of a window its revision, of a latest row its due time
	blob []byte
}

func (s *Store) encode(fold *storage.Fold) (*encodedFold, error) {
	encoded := &encodedFold{fold: fold}
	encoder := codec.NewEncoder()
	for i := range fold.Windows {
		runtime.Gosched()
		window := &fold.Windows[i]
		if err := checkWindowStart(window.Start); err != nil {
			return nil, err
		}
		blob, err := encoder.Window(window.Rows)
		if err != nil {
			return nil, err
		}
		series, _ := s.series.get(seriesName{window.Endpoint, window.Location})
		encoded.windows = append(encoded.windows, keyedBlob{windowKey(window.Start, series), window.Revision, blob})
	}
	for i := range fold.Packs {
		runtime.Gosched()
		pack := &fold.Packs[i]
		series, _ := s.series.get(seriesName{pack.Endpoint, pack.Location})
		key, err := packKey(pack.Tier, pack.Start, series)
		if err != nil {
			return nil, err
		}
		blob, err := encoder.Cells(pack.Cells)
		if err != nil {
			return nil, err
		}
		encoded.packs = append(encoded.packs, keyedBlob{key, 0, blob})
	}
	return encoded, s.encodeLatest(encoder, encoded)
}

func (s *Store) encodeLatest(encoder *codec.Encoder, encoded *encodedFold) error {
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
		if err := saveWindow(tx, window); err != nil {
			return err
		}
	}
	for _, pack := range e.packs {
		runtime.Gosched()
		if _, err := tx.exec(putPack, pack.key, pack.blob); err != nil {
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

func saveWindow(tx *tx, window keyedBlob) error {
	var changed int64
	var err error
	if window.mark == 0 {
		changed, err = tx.exec(insertWindow, window.key, window.blob)
	} else {
		changed, err = tx.exec(updateWindow, window.blob, window.key, window.mark)
	}
	if err == nil && changed == 0 {
		return monitor.Errorf(monitor.Conflict, "a window has changed since it was read: read it again, then fold again")
	}
	return err
}
