package query

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// span is the range of time that a caller asks for, half open.
type span struct{ from, to monitor.Instant }

// spanOf reads a range; with nothing given it is the last hour. Invalid: it is
// empty, or longer than longest, if that is not 0.
func (in *Range) spanOf(now monitor.Instant, longest time.Duration) (span, error) {
	var s span
	var err error
	if s.to, err = instantOf("to", in.To, now+1); err != nil {
		return s, err
	}
	if s.from, err = instantOf("from", in.From, s.to.Add(-time.Hour)); err != nil {
		return s, err
	}
	switch {
	case s.from < 0 || s.to > now.Add(10*366*24*time.Hour):
		return s, monitor.FieldErrorf("from", "from and to must lie between 1970 and ten years from now")
	case s.from >= s.to:
		return s, monitor.FieldErrorf("from", "must be before to")
	case longest > 0 && s.to.Sub(s.from) > longest:
		return s, monitor.FieldErrorf("from", "must be %s before to at most: ask for less at a time, or for the series", monitor.Duration(longest))
	}
	return s, nil
}
