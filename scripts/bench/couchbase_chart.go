package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// charted is the one endpoint whose day of results, so many seconds apart, is drawn.
func charted(seconds int) string { return fmt.Sprintf("bench/charted-%d", seconds) }

// aDay is how much of it.
const aDay = 24 * time.Hour

// chart reads what a day's chart of one endpoint is drawn from: an order is so
// many charts.
type chart struct {
	*keeping
	endpoint string
	cells    bool
	from, to monitor.Instant
	results  int
}

// newChart keeps a day's results that are so many seconds apart.
func newChart(ctx context.Context, settings couchbase.Settings, cells bool, seconds int) (*chart, error) {
	k, err := newKeeping(ctx, settings)
	if err != nil {
		return nil, err
	}
	to := monitor.At(time.Now()).Floor(time.Minute)
	c := &chart{keeping: k, endpoint: charted(seconds), cells: cells, from: to.Add(-aDay), to: to}
	shard := monitor.ShardOf(c.endpoint, shards)
	day := dayOf(c.from, seconds)
	c.results = len(day)
	for len(day) > 0 {
		n := min(len(day), 1000) // the most that an event has
		if err := k.arrive(ctx, shard, day[:n]); err != nil {
			return nil, errors.Join(err, k.close())
		}
		day = day[n:]
	}
	if err := k.store.Fold(ctx, shard); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return c, nil
}

// dayOf returns the results of a day that are so many seconds apart.
func dayOf(from monitor.Instant, seconds int) []monitor.Result {
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // chance, not secrets
	var out []monitor.Result
	for at := from; at < from.Add(aDay); at = at.Add(time.Duration(seconds) * time.Second) {
		out = append(out, pass(charted(seconds), at, chance))
	}
	return out
}

func (c *chart) do(ctx context.Context, times int) error {
	for range times {
		if err := c.read(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *chart) read(ctx context.Context) error {
	if !c.cells {
		rows, err := c.records.Results(ctx, c.endpoint, location, c.from, c.to)
		return short(err, len(rows), c.results)
	}
	series := storage.Series{Tier: monitor.Minutes, Endpoint: c.endpoint, Location: location}
	cells, err := c.records.Cells(ctx, series, c.from, c.to)
	return short(err, len(cells), min(c.results, int(aDay/time.Minute)))
}

// short returns an error if something is missing.
func short(err error, got, want int) error {
	if err == nil && got != want {
		err = fmt.Errorf("got %d of a day's chart, want %d", got, want)
	}
	return err
}
