package query

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// grid is how a series is cut: into cells of one width, made of the rollups of
// one tier.
type grid struct {
	tier  monitor.Tier
	width time.Duration
}

// grids are the widths that there are, finest first. Each divides the ones of
// coarser tiers or is divided by them, so that cells begin at round times.
var grids = []grid{
	{monitor.Minutes, time.Minute},
	{monitor.Minutes, 2 * time.Minute},
	{monitor.Minutes, 5 * time.Minute},
	{monitor.Minutes, 10 * time.Minute},
	{monitor.Minutes, 15 * time.Minute},
	{monitor.Minutes, 30 * time.Minute},
	{monitor.Hours, time.Hour},
	{monitor.Hours, 2 * time.Hour},
	{monitor.Hours, 3 * time.Hour},
	{monitor.Hours, 6 * time.Hour},
	{monitor.Hours, 12 * time.Hour},
	{monitor.Days, 24 * time.Hour},
	{monitor.Days, 7 * 24 * time.Hour},
	{monitor.Days, 28 * 24 * time.Hour},
}

// How long the rollups of the finer tiers are kept.
const (
	minutesKept = 48 * time.Hour
	hoursKept   = 90 * 24 * time.Hour
)

func (g grid) kept(age time.Duration) bool {
	switch g.tier {
	case monitor.Minutes:
		return age <= minutesKept
	case monitor.Hours:
		return age <= hoursKept
	default:
		return true
	}
}

// gridOf returns the finest grid that cuts the span into points cells at most
// and whose rollups reach back to its beginning; else the coarsest.
func gridOf(s span, points int, now monitor.Instant) grid {
	for _, g := range grids {
		cut := g.around(s)
		if g.kept(now.Sub(s.from)) && cut.to.Sub(cut.from) <= time.Duration(points)*g.width {
			return g
		}
	}
	return grids[len(grids)-1]
}

// around returns the span in whole cells of the grid.
func (g grid) around(s span) span {
	to := s.to.Floor(g.width)
	if to < s.to {
		to = to.Add(g.width)
	}
	return span{s.from.Floor(g.width), to}
}
