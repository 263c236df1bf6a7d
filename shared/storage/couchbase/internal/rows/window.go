package rows

import (
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxRows is the most rows that one window can hold: one a millisecond.
const MaxRows = int(monitor.WindowSpan / 1e6)

var (
	windowFields = []string{"by", "endpoint", "location", "ts_start", "ts_end", "n", "usual", "rows"}

	// The places are part of the form: new ones go to the end.
	outcomes = []monitor.Outcome{monitor.Passed, monitor.OutcomeDegraded, monitor.Failed, monitor.OutcomeUnknown}
	kinds    = []monitor.Kind{monitor.Scheduled, monitor.Confirm, monitor.Connection, monitor.Manual}
)

// usual is what most rows of a window have in common.
type usual struct {
	bytes       int64
	status      int
	certificate monitor.Instant
}

func usualOf(rows []monitor.Result) usual {
	if len(rows) == 0 {
		return usual{}
	}
	return usual{rows[0].Bytes, rows[0].Status, rows[0].Certificate}
}

// AppendWindow appends the document of a window, which names its writer. More than
// MaxRows rows are Invalid.
func AppendWindow(dst []byte, by string, w *monitor.Window) ([]byte, error) {
	if len(w.Rows) > MaxRows {
		return nil, monitor.Errorf(monitor.Invalid, "a window holds at most %d results, got %d", MaxRows, len(w.Rows))
	}
	dst = appendText(append(dst, `{"by":`...), by)
	dst = appendText(append(dst, `,"endpoint":`...), w.Endpoint)
	dst = appendText(append(dst, `,"location":`...), w.Location)
	dst = appendInteger(append(dst, `,"ts_start":`...), w.Start)
	dst = appendInteger(append(dst, `,"ts_end":`...), w.Start.Add(monitor.WindowSpan))
	dst = appendInteger(append(dst, `,"n":`...), len(w.Rows))
	common := usualOf(w.Rows)
	dst = appendInteger(append(dst, `,"usual":[`...), common.bytes)
	dst = appendInteger(append(dst, ','), common.status)
	dst = appendInteger(append(dst, ','), common.certificate)
	dst = append(dst, `],"rows":[`...)
	for i := range w.Rows {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRow(dst, &w.Rows[i], w.Start, common)
	}
	return append(dst, "]}"...), nil
}

func appendInteger[T ~int | ~int64](dst []byte, value T) []byte {
	return strconv.AppendInt(dst, int64(value), 10)
}

// ReadWindow puts the rows of a document into the window, whose endpoint, location
// and start say which it is. Internal: AppendWindow did not write it. The document
// is not kept.
func ReadWindow(body []byte, into *monitor.Window) error {
	return read(body, windowFields, func(s *scanner) {
		s.head()
		s.literal(`,"ts_start":`)
		start := monitor.Instant(s.integer())
		s.literal(`,"ts_end":`)
		s.integer()
		s.literal(`,"n":`)
		count := s.integer()
		var common usual
		s.literal(`,"usual":[`)
		common.bytes = s.integer()
		s.literal(",")
		common.status = int(s.integer())
		s.literal(",")
		common.certificate = monitor.Instant(s.integer())
		s.literal(`],"rows":[`)
		into.Rows = s.rows(into, start, common, count)
		s.literal("]}")
	})
}

// head passes over what is there for people.
func (s *scanner) head() {
	s.literal(`{"by":`)
	s.text("")
	s.literal(`,"endpoint":`)
	s.text("")
	s.literal(`,"location":`)
	s.text("")
}

// leastRow is the length of the shortest row, with its comma.
const leastRow = len("[0],")

func (s *scanner) rows(of *monitor.Window, start monitor.Instant, common usual, count int64) []monitor.Result {
	if s.bad || s.at < len(s.data) && s.data[s.at] == ']' {
		return nil
	}
	rows := make([]monitor.Result, 0, min(max(count, 1), int64(len(s.data)/leastRow+1)))
	before := &monitor.Result{}
	for {
		rows = append(rows, monitor.Result{Endpoint: of.Endpoint, Location: of.Location})
		last := &rows[len(rows)-1]
		s.row(last, before, start, common)
		before = last
		if !s.found(',') {
			return rows
		}
	}
}
