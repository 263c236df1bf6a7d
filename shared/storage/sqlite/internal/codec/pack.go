package codec

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

const packVersion = 1

// maxCells is more than any pack holds.
const maxCells = 10_000

type cell = monitor.Cell

// cellTakers and cellPutters are to cells what takers and putters are to rows.
var (
	cellTakers = [...]func(before, c *cell) int64{
		func(before, c *cell) int64 { return int64(c.Start - before.Start) },
		func(_, c *cell) int64 { return int64(c.Passed) },
		func(_, c *cell) int64 { return int64(c.Degraded) },
		func(_, c *cell) int64 { return int64(c.Failed) },
		func(_, c *cell) int64 { return int64(c.Unknown) },
		func(_, c *cell) int64 { return int64(c.Late) },
		func(_, c *cell) int64 { return c.Min },
		func(_, c *cell) int64 { return c.Max },
		func(_, c *cell) int64 { return c.Micros },
		func(_, c *cell) int64 { return int64(len(c.Sketch)) },
	}
	cellPutters = [len(cellTakers) - 1]func(before, c *cell, v int64){
		func(before, c *cell, v int64) { c.Start = before.Start + monitor.Instant(v) },
		func(_, c *cell, v int64) { c.Passed = int(v) },
		func(_, c *cell, v int64) { c.Degraded = int(v) },
		func(_, c *cell, v int64) { c.Failed = int(v) },
		func(_, c *cell, v int64) { c.Unknown = int(v) },
		func(_, c *cell, v int64) { c.Late = int(v) },
		func(_, c *cell, v int64) { c.Min = v },
		func(_, c *cell, v int64) { c.Max = v },
		func(_, c *cell, v int64) { c.Micros = v },
	}
)

// Cells returns the cells of a pack as a new blob. More than any pack can hold
// are Invalid.
func (e *Encoder) Cells(cells []monitor.Cell) ([]byte, error) {
	if len(cells) > maxCells {
		return nil, monitor.Errorf(monitor.Invalid, "a pack holds at most %d cells, got %d", maxCells, len(cells))
	}
	e.words.reset()
	e.body = e.body[:0]
	for _, take := range cellTakers {
		e.values = e.values[:0]
		before := &cell{}
		for i := range cells {
			e.values = append(e.values, take(before, &cells[i]))
			before = &cells[i]
		}
		e.body = appendColumn(e.body, e.values)
	}
	for i := range cells {
		e.body = append(e.body, cells[i].Sketch...)
	}
	return e.blob(packVersion, len(cells)), nil
}

// Cells returns the cells of a blob. Bytes that Encoder.Cells did not write
// are an Internal error. The blob is not kept.
func Cells(blob []byte) ([]monitor.Cell, error) {
	r := open(blob, packVersion)
	count := r.count(maxCells)
	r.dictionary()
	if r.err != nil || count == 0 {
		return nil, r.err
	}
	cells := make([]cell, count)
	values := make([]int64, count)
	for _, put := range cellPutters {
		r.column(values)
		before := &cell{}
		for i, v := range values {
			put(before, &cells[i], v)
			before = &cells[i]
		}
	}
	r.column(values)
	for i, length := range values {
		if length > 0 && length <= int64(len(r.rest)) {
			cells[i].Sketch = append([]byte(nil), r.bytes(int(length))...)
		} else if length != 0 {
			r.fail("a sketch of bad length")
		}
	}
	return cells, r.end()
}
