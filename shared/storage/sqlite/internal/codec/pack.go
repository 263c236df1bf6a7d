package codec

import (
	"slices"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The versions of packs. One without spared due times is written in the first
// form; the second has a column more.
const (
	packVersion       = 1
	sparedPackVersion = 2
)

// maxCells is more than any pack holds.
const maxCells = 10_000

// The columns of a pack, in the order in which they are written. Behind them
// stand the bytes of all sketches.
const (
	columnCellStart = iota // less the start of the cell before
	columnPassed
	columnDegraded
	columnFailed
	columnUnknown
	columnLate
	columnMin
	columnMax
	columnMicros
	columnSketch // its length
	cellColumns
)

// Cells returns the cells of a pack as a new blob. More than any pack can hold
// are Invalid.
func (e *Encoder) Cells(cells []monitor.Cell) ([]byte, error) {
	if len(cells) > maxCells {
		return nil, monitor.Errorf(monitor.Invalid, "a pack holds at most %d cells, got %d", maxCells, len(cells))
	}
	e.words.reset()
	e.body = e.body[:0]
	parts := columns(&e.values, cellColumns, len(cells))
	before := monitor.Instant(0)
	for i := range cells {
		c := &cells[i]
		parts[columnCellStart][i], before = int64(c.Start-before), c.Start
		parts[columnPassed][i] = int64(c.Passed)
		parts[columnDegraded][i] = int64(c.Degraded)
		parts[columnFailed][i] = int64(c.Failed)
		parts[columnUnknown][i] = int64(c.Unknown)
		parts[columnLate][i] = int64(c.Late)
		parts[columnMin][i] = c.Min
		parts[columnMax][i] = c.Max
		parts[columnMicros][i] = c.Micros
		parts[columnSketch][i] = int64(len(c.Sketch))
	}
	e.append(parts)
	version := e.appendSparedCells(cells)
	for i := range cells {
		e.body = append(e.body, cells[i].Sketch...)
	}
	return e.blob(version, len(cells)), nil
}

// appendSparedCells writes the spared due times, if there are any, and returns
// the version that this makes.
func (e *Encoder) appendSparedCells(cells []monitor.Cell) byte {
	if !slices.ContainsFunc(cells, func(c monitor.Cell) bool { return c.Spared != 0 }) {
		return packVersion
	}
	parts := columns(&e.values, 1, len(cells))
	for i := range cells {
		parts[0][i] = int64(cells[i].Spared)
	}
	e.append(parts)
	return sparedPackVersion
}

// Cells returns the cells of a blob. Bytes that Encoder.Cells did not write
// are an Internal error. The blob is not kept.
func (d *Decoder) Cells(blob []byte) ([]monitor.Cell, error) {
	r := open(blob, packVersion, sparedPackVersion)
	count := r.count(maxCells)
	r.dictionary()
	if r.err != nil || count == 0 {
		return nil, r.err
	}
	parts := columns(&d.values, cellColumns, count)
	for _, values := range parts {
		r.column(values)
	}
	cells := make([]monitor.Cell, count)
	start := monitor.Instant(0)
	for i := range cells {
		start += monitor.Instant(parts[columnCellStart][i])
		cells[i] = monitor.Cell{
			Start: start, Passed: int(parts[columnPassed][i]), Degraded: int(parts[columnDegraded][i]),
			Failed: int(parts[columnFailed][i]), Unknown: int(parts[columnUnknown][i]), Late: int(parts[columnLate][i]),
			Min: parts[columnMin][i], Max: parts[columnMax][i], Micros: parts[columnMicros][i],
		}
	}
	if r.version == sparedPackVersion {
		r.sparedCells(parts[columnCellStart], cells)
	}
	r.sketches(parts[columnSketch], cells)
	return cells, r.end()
}

// sparedCells reads one more column by way of the values, which are used up.
func (r *reader) sparedCells(values []int64, cells []monitor.Cell) {
	r.column(values)
	for i := range cells {
		cells[i].Spared = int(values[i])
	}
}

func (r *reader) sketches(lengths []int64, cells []monitor.Cell) {
	all := append([]byte(nil), r.rest...)
	for i, length := range lengths {
		if length < 0 || length > int64(len(all)) {
			r.fail("a sketch of bad length")
			return
		}
		if length > 0 {
			cells[i].Sketch, all = all[:length:length], all[length:]
		}
	}
	r.rest = all
}
