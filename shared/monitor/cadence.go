package monitor

import "time"

// Adaptive says what of an endpoint's checks does not adapt to how it is. With
// the zero value all does.
type Adaptive struct {
	FixedTimeout bool `json:"fixed_timeout,omitempty"` // no second look before the timeout is over
	FixedCadence bool `json:"fixed_cadence,omitempty"` // as often while it is down for long as ever
}

// The steps by which an endpoint that is down is checked less often.
const (
	halfAfter    = 10 * time.Minute // from there on at every second due time
	quarterAfter = 30 * time.Minute // from there on at every fourth
	slowest      = time.Minute      // no interval is stretched beyond it
)

// Cadence returns at which of its due times an endpoint is checked that has been
// down for so long: at every one, every second or every fourth. An interval is
// stretched to a minute at most, and one of more than half a minute not at all.
func Cadence(interval, down time.Duration) int {
	factor := 1
	switch {
	case down >= quarterAfter:
		factor = 4
	case down >= halfAfter:
		factor = 2
	}
	for factor > 1 && time.Duration(factor)*interval > slowest {
		factor /= 2
	}
	return factor
}

// Cadence returns at which of its due times the endpoint is to be checked from
// an instant on: fewer while it has been down for long and no check has passed.
func (s *State) Cadence(e *Endpoint, at Instant) int {
	if s.Health != Down || s.Good.Count > 0 || e.Adaptive.FixedCadence {
		return 1
	}
	return Cadence(e.Interval.D(), at.Sub(s.Since))
}

// Apart returns the longest that two checks of the endpoint may lie apart by plan
// at an instant. Ahead is how long before its time a check may have been planned:
// an endpoint that is back may have the cadence of before for that long, and for
// one more check.
func (s *State) Apart(e *Endpoint, at Instant, ahead time.Duration) time.Duration {
	interval := e.Interval.D()
	stretched := interval * time.Duration(Cadence(interval, quarterAfter))
	switch {
	case s.Since == 0 || e.Adaptive.FixedCadence:
		return interval
	case s.Health == Down:
		return interval * time.Duration(Cadence(interval, at.Sub(s.Since)))
	case at.Sub(s.Since) < ahead+stretched:
		return stretched
	default:
		return interval
	}
}
