package query_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

const seriesPath = "/api/v1/endpoints/ns/a/series"

// pack returns the rollups of results of one endpoint that lie in one pack.
func pack(tier monitor.Tier, rows ...monitor.Result) monitor.Pack {
	out := monitor.Pack{Tier: tier, Endpoint: rows[0].Endpoint, Location: "local", Start: tier.PackStart(rows[0].Due)}
	var latencies sketch.Sketch
	for i := range rows {
		start := rows[i].Due.Floor(tier.Cell())
		if last := len(out.Cells) - 1; last < 0 || out.Cells[last].Start != start {
			out.Cells = append(out.Cells, monitor.Cell{Start: start})
			latencies = sketch.Sketch{}
		}
		cell := &out.Cells[len(out.Cells)-1]
		cell.Count(&rows[i])
		if rows[i].Outcome.Good() {
			latencies.Add(rows[i].Micros)
		}
		cell.Sketch = latencies.Bytes()
	}
	return out
}

// roll folds the results with their rollups.
func roll(t testing.TB, k *kit, upTo int64, rows ...monitor.Result) {
	t.Helper()
	fold(t, k, upTo, rows...)
	step := storage.Fold{Shard: monitor.ShardOf(rows[0].Endpoint, shards), Folded: upTo, Drop: upTo}
	for _, tier := range []monitor.Tier{monitor.Minutes, monitor.Hours, monitor.Days} {
		step.Packs = append(step.Packs, pack(tier, rows...))
	}
	must(t, k.store.CommitFold(t.Context(), step))
}

func TestGetSeries(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"))
	rows := run("ns/a", "ppppppppppppppppppppppppppppppffffffffffdddddddddduuuuuuuuuupppppppppppppppppppp") // 80 s
	for i := range rows {
		rows[i].Micros = int64(1000 * (i + 1))
	}
	rows[0].Start = rows[0].Due + 50
	manual := result("ns/a", 10*time.Minute, monitor.Failed)
	manual.Kind = monitor.Manual
	confirm, connection := result("ns/a", 10*time.Minute+time.Second, monitor.Failed), result("ns/a", 10*time.Minute+2*time.Second, monitor.Passed)
	confirm.Kind, connection.Kind = monitor.Confirm, monitor.Connection
	roll(t, k, 0, rows[:60]...)
	arrive(t, k, rows[55:]...) // five of them are folded already
	arrive(t, k, manual, confirm, connection, rows[79])
	k.run(t)

	got := read[query.SeriesView](t, k, seriesPath)
	uptime := func(good, failed float64) *float64 { u := good / (good + failed); return &u }
	within := cmp.Comparer(func(a, b int64) bool { return a == b || a > 1000 && max(a, b)*100 <= min(a, b)*103 })
	want := query.SeriesView{
		Tier: monitor.Minutes, Seconds: 60, From: query.Moment(noon.Add(-time.Hour)), To: query.Moment(noon.Add(time.Minute)),
		Cells: []query.SeriesCell{
			{Start: query.Moment(noon - 120_000), Figures: query.Figures{
				Passed: 20, Late: 1, Uptime: uptime(20, 0), P50: 10_000, P95: 19_000, P99: 20_000, Min: 1000, Max: 20_000,
			}},
			{Start: query.Moment(noon - 60_000), Figures: query.Figures{
				Passed: 30, Degraded: 10, Failed: 10, Unknown: 10, Uptime: uptime(40, 10),
				P50: 50_000, P95: 78_000, P99: 80_000, Min: 21_000, Max: 80_000,
			}},
		},
		Summary: query.Figures{
			Passed: 50, Degraded: 10, Failed: 10, Unknown: 10, Late: 1, Uptime: uptime(60, 10),
			P50: 30_000, P95: 77_000, P99: 80_000, Min: 1000, Max: 80_000,
		},
	}
	if diff := cmp.Diff(want, got, within); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestGetSeriesGrid(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("ns", "a"))
	old := result("ns/a", 60*24*time.Hour, monitor.Passed)
	roll(t, k, 0, old)
	k.run(t)
	hour := time.Hour
	tests := map[string]struct {
		ago, long time.Duration
		points    int
		tier      monitor.Tier
		width     time.Duration
	}{
		"five hours in minutes":                 {5 * hour, 5 * hour, 300, monitor.Minutes, time.Minute},
		"six hours need two minutes":            {6 * hour, 6 * hour, 300, monitor.Minutes, 2 * time.Minute},
		"a day in five minutes":                 {24 * hour, 24 * hour, 300, monitor.Minutes, 5 * time.Minute},
		"a day in few points":                   {24 * hour, 24 * hour, 24, monitor.Hours, hour},
		"one point":                             {hour, hour, 1, monitor.Hours, hour},
		"minutes are not kept beyond two days":  {49 * hour, hour, 300, monitor.Hours, hour},
		"thirty days in three hours":            {30 * 24 * hour, 30 * 24 * hour, 300, monitor.Hours, 3 * hour},
		"hours are not kept beyond ninety days": {91 * 24 * hour, 24 * hour, 300, monitor.Days, 24 * hour},
		"two years":                             {730 * 24 * hour, 730 * 24 * hour, 300, monitor.Days, 7 * 24 * hour},
		"more than there are widths for":        {3000 * 24 * hour, 3000 * 24 * hour, 1, monitor.Days, 28 * 24 * hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := noon.Add(-test.ago)
			got := read[query.SeriesView](t, k, fmt.Sprintf("%s?from=%d&to=%d&points=%d", seriesPath, from, from.Add(test.long), test.points))
			if got.Tier != test.tier || got.Seconds != int(test.width.Seconds()) {
				t.Errorf("got %s of %d s, want %s of %v", got.Tier, got.Seconds, test.tier, test.width)
			}
		})
	}
	t.Run("an old result is found in each tier that reaches it", func(t *testing.T) {
		t.Parallel()
		for _, points := range []int{2000, 100, 10} {
			got := read[query.SeriesView](t, k, fmt.Sprintf("%s?from=%d&points=%d", seriesPath, old.Due-1000, points))
			if got.Summary.Passed != 1 || len(got.Cells) != 1 {
				t.Errorf("%d points: got %+v, want one pass", points, got)
			}
		}
	})
	t.Run("no data is no uptime", func(t *testing.T) {
		t.Parallel()
		got := read[query.SeriesView](t, k, seriesPath)
		if got.Summary.Uptime != nil || got.Cells == nil || len(got.Cells) != 0 {
			t.Errorf("got %+v, want no cells and no uptime", got)
		}
	})
}

// folding is a history whose shard is folded while the series is read.
type folding struct {
	storage.History
	before, after func()
}

func (f *folding) Cells(ctx context.Context, s storage.Series, from, to monitor.Instant) ([]monitor.Cell, error) {
	f.before()
	defer f.after()
	return f.History.Cells(ctx, s, from, to)
}

func TestGetSeriesWhileFolding(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"before the rollups are read": false, "after the rollups are read": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			during := &folding{before: func() {}, after: func() {}}
			k := newKit(t, func(p *query.Parts) { during.History, p.History = p.History, during })
			define(t, k, endpoint("ns", "a"))
			rows := run("ns/a", "ppppffff")
			arrive(t, k, rows...)
			k.run(t)
			once := sync.OnceFunc(func() { roll(t, k, 1, rows...) })
			if late {
				during.after = once
			} else {
				during.before = once
			}
			if got := read[query.SeriesView](t, k, seriesPath).Summary; got.Passed != 4 || got.Failed != 4 {
				t.Errorf("got %+v, want 4 passed and 4 failed", got)
			}
		})
	}
}
