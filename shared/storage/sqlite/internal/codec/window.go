package codec

import (
	"encoding/binary"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxRows is the most rows that one window can hold: one a millisecond.
const MaxRows = int(monitor.WindowSpan / 1e6)

const windowVersion = 1

// Encoder writes windows and packs. It keeps its buffers from one to the next
// and serves one goroutine.
type Encoder struct {
	values []int64
	body   []byte
	words  *words
}

// NewEncoder returns an Encoder.
func NewEncoder() *Encoder { return &Encoder{words: newWords()} }

// Window returns the rows as a new blob. Their endpoint and location are left
// out. More than MaxRows rows are Invalid.
func (e *Encoder) Window(rows []monitor.Result) ([]byte, error) {
	if len(rows) > MaxRows {
		return nil, monitor.Errorf(monitor.Invalid, "a window holds at most %d results, got %d", MaxRows, len(rows))
	}
	e.words.reset()
	e.body = e.body[:0]
	for _, take := range takers {
		e.column(rows, take)
	}
	for _, column := range wordColumns {
		e.column(rows, func(_, r *monitor.Result) int64 { return e.words.place(*column(r)) })
	}
	e.unmet(rows)
	return e.blob(windowVersion, len(rows)), nil
}

func (e *Encoder) column(rows []monitor.Result, take func(before, r *monitor.Result) int64) {
	e.values = e.values[:0]
	before := &monitor.Result{}
	for i := range rows {
		e.values = append(e.values, take(before, &rows[i]))
		before = &rows[i]
	}
	e.body = appendColumn(e.body, e.values)
}

// unmet writes how many expectations each row missed, then those of all rows.
func (e *Encoder) unmet(rows []monitor.Result) {
	e.column(rows, func(_, r *monitor.Result) int64 { return int64(len(r.Unmet)) })
	for _, column := range unmetColumns {
		e.values = e.values[:0]
		for i := range rows {
			for j := range rows[i].Unmet {
				e.values = append(e.values, e.words.place(*column(&rows[i].Unmet[j])))
			}
		}
		e.body = appendColumn(e.body, e.values)
	}
}

func (e *Encoder) blob(version byte, rows int) []byte {
	blob := make([]byte, header, header+len(e.body)+16)
	blob = binary.AppendUvarint(blob, uint64(rows))
	blob = e.words.append(blob)
	return seal(append(blob, e.body...), version)
}

// Window returns the rows of a blob, and gives them endpoint and location.
// Bytes that Encoder.Window did not write are an Internal error.
func Window(blob []byte, endpoint, location string) ([]monitor.Result, error) {
	r := open(blob, windowVersion)
	count := r.count(MaxRows)
	own := r.dictionary()
	if r.err != nil || count == 0 {
		return nil, r.err
	}
	rows := make([]monitor.Result, count)
	values := make([]int64, count)
	for _, put := range putters {
		r.column(values)
		before := &monitor.Result{}
		for i, v := range values {
			put(before, &rows[i], v)
			before = &rows[i]
		}
	}
	for _, column := range wordColumns {
		r.column(values)
		for i, place := range values {
			*column(&rows[i]) = r.word(own, place)
		}
	}
	r.unmet(own, rows, values)
	for i := range rows {
		rows[i].Endpoint, rows[i].Location = endpoint, location
	}
	return rows, r.end()
}

// maxUnmet bounds how many missed expectations one blob holds.
const maxUnmet = 1 << 20

func (r *reader) unmet(own dictionary, rows []monitor.Result, counts []int64) {
	r.column(counts)
	total := int64(0)
	for _, count := range counts {
		if count < 0 || count > maxUnmet-total {
			r.fail("a count out of bounds")
			return
		}
		total += count
	}
	if total == 0 || r.err != nil {
		return
	}
	all := make([]monitor.Unmet, total)
	values := make([]int64, total)
	for _, column := range unmetColumns {
		r.column(values)
		for i, place := range values {
			*column(&all[i]) = r.word(own, place)
		}
	}
	for i, count := range counts {
		if count > 0 {
			rows[i].Unmet, all = all[:count:count], all[count:]
		}
	}
}
