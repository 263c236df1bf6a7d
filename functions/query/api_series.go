package query

import (
	"context"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func (q *Query) getSeries(ctx context.Context, in *seriesInput) (*answer[SeriesView], error) {
	found, err := q.find(&in.EndpointPath)
	if err != nil {
		return nil, err
	}
	now := monitor.At(q.clock())
	asked, err := in.spanOf(now, 0)
	if err != nil {
		return nil, err
	}
	chosen := gridOf(asked, in.Points, now)
	series := seriesRead{query: q, of: found.definition, locations: q.memory.locationsLike(in.Location), cut: chosen.around(asked)}
	total, err := series.sums(ctx, chosen)
	if err != nil {
		return nil, err
	}
	return answerWith(total.view(series.cut))
}

// seriesRead reads one endpoint's series: the rollups, and what they do not
// hold yet.
type seriesRead struct {
	query     *Query
	of        *definition
	locations []string
	cut       span
}

// foldRaces is how often a read is begun anew because its shard was folded
// meanwhile. Folds of a shard are a minute apart or more, unless it is far behind.
const foldRaces = 5

// sums adds the rollups and the results that are not folded yet. Where a fold
// came in between, a result might be in both, so the read begins anew.
func (s *seriesRead) sums(ctx context.Context, g grid) (*sums, error) {
	for range foldRaces {
		total := newSums(g)
		fresh, before, err := s.query.unfoldedOf(ctx, s.of)
		if err != nil {
			return nil, err
		}
		for _, location := range s.locations {
			if err := s.add(ctx, total, location, fresh[location]); err != nil {
				return nil, err
			}
		}
		after, err := s.query.tail.Folded(ctx, s.of.shard)
		if err != nil {
			return nil, err
		}
		if after == before {
			return total, nil
		}
	}
	return nil, monitor.Errorf(monitor.Unavailable, "the series of %s is being written: try again", s.of.key)
}

func (s *seriesRead) add(ctx context.Context, total *sums, location string, fresh []monitor.Result) error {
	series := storage.Series{Tier: total.grid.tier, Endpoint: s.of.key, Location: location}
	cells, err := s.query.history.Cells(ctx, series, s.cut.from, s.cut.to)
	if err != nil {
		return err
	}
	if err := total.add(cells); err != nil {
		return err
	}
	fresh, err = s.notFolded(ctx, location, between(fresh, s.cut.from, s.cut.to))
	total.count(fresh)
	return err
}

// notFolded returns those of the results whose checks no window has: a result
// may arrive a second time after its fold.
func (s *seriesRead) notFolded(ctx context.Context, location string, fresh []monitor.Result) ([]monitor.Result, error) {
	fresh = monitor.Merge(nil, fresh)
	if len(fresh) == 0 {
		return nil, nil
	}
	folded, err := s.query.history.Results(ctx, s.of.key, location, fresh[0].Due, fresh[len(fresh)-1].Due+1)
	if err != nil {
		return nil, err
	}
	known := make(map[monitor.Instant]bool, len(folded))
	for i := range folded {
		known[folded[i].Due] = true
	}
	return slices.DeleteFunc(fresh, func(r monitor.Result) bool { return known[r.Due] }), nil
}
