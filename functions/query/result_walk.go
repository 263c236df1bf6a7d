package query

import (
	"context"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

// resultWalk collects one page of results, from new to old, piece by piece, so
// that a page costs about what it shows.
type resultWalk struct {
	history   storage.History
	key       string
	locations []string
	fresh     map[string][]monitor.Result // not in the windows yet, by location
	outcome   monitor.Outcome             // "" for any
	limit     int
	place     resultPlace // behind it the page begins
	step      time.Duration

	items   []ResultView
	scanned int
}

// maxScanned is how many results are looked through for one page.
const maxScanned = 100_000

// run fills items and returns the cursor of the next page, or "" at the end.
func (w *resultWalk) run(ctx context.Context, asked span) (string, error) {
	w.items = []ResultView{}
	high := asked.to
	if w.place.due != 0 {
		high = min(high, w.place.due+1)
	}
	for high > asked.from {
		if w.scanned >= maxScanned {
			return resultPlace{due: high - 1}.cursor(), nil
		}
		low := max(high.Add(-w.step), asked.from)
		rows, err := w.piece(ctx, low, high)
		if err != nil {
			return "", err
		}
		if next, full := w.take(rows); full {
			return next, nil
		}
		high, w.step = low, min(2*w.step, 24*time.Hour)
	}
	return "", nil
}

// piece returns the results with due times in [low, high), new to old.
func (w *resultWalk) piece(ctx context.Context, low, high monitor.Instant) ([]monitor.Result, error) {
	var all []monitor.Result
	for _, location := range w.locations {
		rows, err := w.history.Results(ctx, w.key, location, low, high)
		if err != nil {
			return nil, err
		}
		all = append(all, monitor.Merge(rows, between(w.fresh[location], low, high))...)
	}
	slices.SortFunc(all, compareResults)
	w.scanned += len(all)
	return all, nil
}

func (w *resultWalk) take(rows []monitor.Result) (next string, full bool) {
	for i := range rows {
		r := &rows[i]
		if !w.place.before(r) || w.outcome != "" && r.Outcome != w.outcome {
			continue
		}
		if len(w.items) == w.limit {
			return w.place.cursor(), true
		}
		view := viewResult(r)
		view.Extract = r.Extract
		w.items = append(w.items, view)
		w.place = resultPlace{r.Due, r.Location}
	}
	return "", false
}
