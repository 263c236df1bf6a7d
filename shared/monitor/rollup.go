package monitor

import "time"

// Tier is the width of a rollup's cells.
type Tier string

// The tiers, finest first.
const (
	Minutes Tier = "minute"
	Hours   Tier = "hour"
	Days    Tier = "day"
)

// Cell returns the width of one cell.
func (t Tier) Cell() time.Duration {
	switch t {
	case Minutes:
		return time.Minute
	case Hours:
		return time.Hour
	default:
		return day
	}
}

// PackStart returns the start of the pack that holds i: minutes are packed by
// the hour, hours by the day, days by the calendar month (UTC).
func (t Tier) PackStart(i Instant) Instant {
	switch t {
	case Minutes:
		return i.Floor(time.Hour)
	case Hours:
		return i.Floor(day)
	default:
		at := i.Time()
		return At(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC))
	}
}

// NextPack returns the start of the pack after the one that starts at start.
func (t Tier) NextPack(start Instant) Instant {
	switch t {
	case Minutes:
		return start.Add(time.Hour)
	case Hours:
		return start.Add(day)
	default:
		return At(start.Time().AddDate(0, 1, 0))
	}
}

// Cell sums up the scheduled results that were due in [Start, Start + tier).
type Cell struct {
	Start    Instant `json:"start"`
	Passed   int     `json:"passed,omitempty"`
	Degraded int     `json:"degraded,omitempty"`
	Failed   int     `json:"failed,omitempty"`
	Unknown  int     `json:"unknown,omitempty"`
	Spared   int     `json:"spared,omitempty"` // due times without a check, since the endpoint had been down for long
	Late     int     `json:"late,omitempty"`   // started 50 ms or more after their due time
	Micros   int64   `json:"us,omitempty"`     // sum over passed and degraded
	Min      int64   `json:"min_us,omitempty"` // of passed and degraded
	Max      int64   `json:"max_us,omitempty"` // of passed and degraded
	Sketch   []byte  `json:"sketch,omitempty"` // latencies of passed and degraded; see package sketch
}

// LateAfter is the lateness from which a check counts as late.
const LateAfter = 50 * time.Millisecond

// Count enters one result. Results that are not scheduled are left out.
// The latency goes into the sketch of the caller, not into c.Sketch.
func (c *Cell) Count(r *Result) {
	if r.Kind != Scheduled {
		return
	}
	if r.Outcome.Good() {
		c.latency(r.Micros, r.Micros, r.Micros)
	}
	if r.Lateness() >= LateAfter {
		c.Late++
	}
	c.Spared += r.Spared
	switch r.Outcome {
	case Passed:
		c.Passed++
	case OutcomeDegraded:
		c.Degraded++
	case Failed:
		c.Failed++
	case OutcomeUnknown:
		c.Unknown++
	}
}

// Add enters the counts of another cell, all but its sketch.
func (c *Cell) Add(other *Cell) {
	if other.Good() > 0 {
		c.latency(other.Micros, other.Min, other.Max)
	}
	c.Passed += other.Passed
	c.Degraded += other.Degraded
	c.Failed += other.Failed
	c.Unknown += other.Unknown
	c.Late += other.Late
	c.Spared += other.Spared
}

// latency is called before the counts rise: the first one sets the minimum.
func (c *Cell) latency(sum, low, high int64) {
	if c.Good() == 0 || low < c.Min {
		c.Min = low
	}
	c.Micros += sum
	c.Max = max(c.Max, high)
}

// Total returns how many results the cell sums up.
func (c *Cell) Total() int { return c.Good() + c.Failed + c.Unknown }

// Good returns how many checks gave a right answer.
func (c *Cell) Good() int { return c.Passed + c.Degraded }

// Uptime returns good / (good + failed + spared), and false where no check was
// conclusive: no data is never shown as up. A long outage thus weighs no less
// for being looked at less often.
func (c *Cell) Uptime() (float64, bool) {
	conclusive := c.Good() + c.Failed + c.Spared
	if conclusive == 0 {
		return 0, false
	}
	return float64(c.Good()) / float64(conclusive), true
}

// Pack holds consecutive cells of one tier, endpoint and location, oldest
// first; cells without any result are left out.
type Pack struct {
	Tier     Tier
	Endpoint string
	Location string
	Start    Instant
	Cells    []Cell
	Revision int64 // as read; 0 where it is not stored yet
}

// PackKey names a pack.
type PackKey struct {
	Tier     Tier
	Endpoint string
	Location string
	Start    Instant
}
