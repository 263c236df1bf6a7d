package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"
)

const (
	insertSeries = `INSERT INTO series (endpoint, location) VALUES (?, ?) ON CONFLICT DO NOTHING`
	selectSeries = `SELECT id FROM series WHERE endpoint = ? AND location = ?`
)

// seriesName is an endpoint seen from a location.
type seriesName struct{ endpoint, location string }

// seriesIDs remembers the numbers of series. They are never changed, so what
// has once been read stays true.
type seriesIDs struct {
	mu  sync.RWMutex
	ids map[seriesName]int64
}

func (s *seriesIDs) get(name seriesName) (int64, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id, found := s.ids[name]
	return id, found
}

func (s *seriesIDs) put(ids map[seriesName]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[seriesName]int64{}
	}
	maps.Copy(s.ids, ids)
}

// findSeries returns the number of a series, and false if it has none.
func (s *Store) findSeries(ctx context.Context, name seriesName) (int64, bool, error) {
	if id, found := s.series.get(name); found {
		return id, true, nil
	}
	var id int64
	err := s.read.get(ctx, selectSeries, []any{name.endpoint, name.location}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	s.series.put(map[seriesName]int64{name: id})
	return id, true, nil
}

// ensureSeries gives a number to each series that has none. It is a write of
// its own, so that no number is used before it is kept.
func (s *Store) ensureSeries(ctx context.Context, names []seriesName) error {
	missing := map[seriesName]int64{}
	for _, name := range names {
		if _, found := s.series.get(name); !found {
			missing[name] = 0
		}
	}
	if len(missing) == 0 {
		return nil
	}
	err := s.write.submit(ctx, func(tx *tx) error {
		for name := range missing {
			if _, err := tx.exec(insertSeries, name.endpoint, name.location); err != nil {
				return err
			}
			var id int64
			if err := tx.get(selectSeries, []any{name.endpoint, name.location}, &id); err != nil {
				return err
			}
			missing[name] = id
		}
		return nil
	})
	if err == nil {
		s.series.put(missing)
	}
	return err
}
