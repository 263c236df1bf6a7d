package query

import (
	"maps"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
)

// sum is a cell with its sketch open.
type sum struct {
	cell      monitor.Cell
	latencies sketch.Sketch
}

func (s *sum) add(cell *monitor.Cell, latencies *sketch.Sketch) {
	s.cell.Add(cell)
	s.latencies.Merge(latencies)
}

func (s *sum) count(r *monitor.Result) {
	s.cell.Count(r)
	if r.Kind == monitor.Scheduled && r.Outcome.Good() {
		s.latencies.Add(r.Micros)
	}
}

func (s *sum) figures() Figures {
	c := &s.cell
	// A sketch is right within 2 %; the smallest and the largest are exact.
	quantile := func(q float64) int64 { return min(max(s.latencies.Quantile(q), c.Min), c.Max) }
	f := Figures{
		Passed: c.Passed, Degraded: c.Degraded, Failed: c.Failed, Unknown: c.Unknown, Spared: c.Spared, Late: c.Late,
		P50: quantile(0.5), P95: quantile(0.95), P99: quantile(0.99), Min: c.Min, Max: c.Max,
	}
	if uptime, ok := c.Uptime(); ok {
		f.Uptime = &uptime
	}
	return f
}

// sums are the sums of a series, by the start of their cells.
type sums struct {
	grid  grid
	cells map[monitor.Instant]*sum
	whole sum
}

func newSums(g grid) *sums { return &sums{grid: g, cells: map[monitor.Instant]*sum{}} }

func (s *sums) at(i monitor.Instant) *sum {
	start := i.Floor(s.grid.width)
	one, ok := s.cells[start]
	if !ok {
		one = &sum{}
		s.cells[start] = one
	}
	return one
}

func (s *sums) add(cells []monitor.Cell) error {
	for i := range cells {
		latencies := new(sketch.Sketch)
		if len(cells[i].Sketch) > 0 {
			var err error
			if latencies, err = sketch.Parse(cells[i].Sketch); err != nil {
				return err
			}
		}
		s.at(cells[i].Start).add(&cells[i], latencies)
		s.whole.add(&cells[i], latencies)
	}
	return nil
}

func (s *sums) count(rows []monitor.Result) {
	for i := range rows {
		if rows[i].Kind == monitor.Scheduled {
			s.at(rows[i].Due).count(&rows[i])
			s.whole.count(&rows[i])
		}
	}
}

func (s *sums) view(cut span) SeriesView {
	view := SeriesView{
		Tier: s.grid.tier, Seconds: int(s.grid.width.Seconds()), From: Moment(cut.from), To: Moment(cut.to),
		Cells: make([]SeriesCell, 0, len(s.cells)), Summary: s.whole.figures(),
	}
	for _, start := range slices.Sorted(maps.Keys(s.cells)) {
		view.Cells = append(view.Cells, SeriesCell{Start: Moment(start), Figures: s.cells[start].figures()})
	}
	return view
}
