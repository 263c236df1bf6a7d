package codec

import (
	"encoding/binary"
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// MaxRows is the most rows that one window can hold: one a millisecond.
const MaxRows = int(monitor.WindowSpan / 1e6)

// The versions of windows: each is the one before it with a column more. A
// window is written in the first form that holds all of it, so that none takes a
// byte more than it must.
const (
	windowVersion   = 1
	extractsVersion = 2
	sparedVersion   = 3
)

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
	parts := columns(&e.values, columnCount, len(rows))
	e.split(rows, parts)
	e.splitWords(rows, parts)
	e.append(parts)
	e.appendUnmet(rows)
	version := versionFor(rows)
	if version >= extractsVersion {
		e.appendExtracts(rows)
	}
	if version >= sparedVersion {
		e.appendSpared(rows)
	}
	return e.blob(version, len(rows)), nil
}

func versionFor(rows []monitor.Result) byte {
	switch {
	case slices.ContainsFunc(rows, func(r monitor.Result) bool { return r.Spared != 0 }):
		return sparedVersion
	case slices.ContainsFunc(rows, func(r monitor.Result) bool { return r.Extract != "" }):
		return extractsVersion
	default:
		return windowVersion
	}
}

func (e *Encoder) append(parts [][]int64) {
	for _, values := range parts {
		e.body = appendColumn(e.body, values)
	}
}

// appendUnmet writes the missed expectations of all rows, one after the other.
func (e *Encoder) appendUnmet(rows []monitor.Result) {
	total := 0
	for i := range rows {
		total += len(rows[i].Unmet)
	}
	parts := columns(&e.values, unmetColumns, total)
	n := 0
	for i := range rows {
		for _, unmet := range rows[i].Unmet {
			parts[columnExpectation][n] = e.words.place(unmet.Expectation)
			parts[columnWant][n] = e.words.place(unmet.Want)
			parts[columnGot][n] = e.words.place(unmet.Got)
			n++
		}
	}
	e.append(parts)
}

// appendExtracts writes the extracts as words: equal ones are spelled once.
func (e *Encoder) appendExtracts(rows []monitor.Result) {
	parts := columns(&e.values, 1, len(rows))
	for i := range rows {
		parts[0][i] = e.words.place(rows[i].Extract)
	}
	e.append(parts)
}

func (e *Encoder) appendSpared(rows []monitor.Result) {
	parts := columns(&e.values, 1, len(rows))
	for i := range rows {
		parts[0][i] = int64(rows[i].Spared)
	}
	e.append(parts)
}

func (e *Encoder) blob(version byte, rows int) []byte {
	blob := make([]byte, header, header+len(e.body)+16)
	blob = binary.AppendUvarint(blob, uint64(rows))
	blob = e.words.append(blob)
	return seal(append(blob, e.body...), version)
}

// Decoder reads windows and packs. It keeps its buffers from one to the next
// and serves one goroutine.
type Decoder struct {
	values []int64
}

// Window returns the rows of a blob, and gives them endpoint and location.
// Bytes that Encoder.Window did not write are an Internal error. The blob is
// not kept.
func (d *Decoder) Window(blob []byte, endpoint, location string) ([]monitor.Result, error) {
	r := open(blob, windowVersion, extractsVersion, sparedVersion)
	count := r.count(MaxRows)
	own := r.dictionary()
	if r.err != nil || count == 0 {
		return nil, r.err
	}
	parts := columns(&d.values, columnCount, count)
	for _, values := range parts {
		r.column(values)
	}
	if r.err != nil {
		return nil, r.err
	}
	rows := make([]monitor.Result, count)
	r.join(own, parts, rows)
	for i := range rows {
		rows[i].Endpoint, rows[i].Location = endpoint, location
	}
	r.unmet(own, parts[columnUnmet], rows)
	if r.version >= extractsVersion {
		r.extracts(own, parts[0], rows)
	}
	if r.version >= sparedVersion {
		r.spared(parts[0], rows)
	}
	return rows, r.end()
}

// extracts reads a column behind the others, by way of the values, which are used
// up.
func (r *reader) extracts(own dictionary, values []int64, rows []monitor.Result) {
	r.column(values)
	for i := range rows {
		rows[i].Extract = r.word(own, values[i])
	}
}

// spared reads one more column in the same way.
func (r *reader) spared(values []int64, rows []monitor.Result) {
	r.column(values)
	for i := range rows {
		rows[i].Spared = int(values[i])
	}
}

// maxUnmet bounds how many missed expectations one blob holds.
const maxUnmet = 1 << 20

func (r *reader) unmet(own dictionary, counts []int64, rows []monitor.Result) {
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
	var buffer []int64
	parts := columns(&buffer, unmetColumns, int(total))
	for _, values := range parts {
		r.column(values)
	}
	all := make([]monitor.Unmet, total)
	for i := range all {
		all[i] = monitor.Unmet{
			Expectation: r.word(own, parts[columnExpectation][i]),
			Want:        r.word(own, parts[columnWant][i]),
			Got:         r.word(own, parts[columnGot][i]),
		}
	}
	for i, count := range counts {
		if count > 0 {
			rows[i].Unmet, all = all[:count:count], all[count:]
		}
	}
}
