package rows

import (
	"encoding/base64"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

var packFields = []string{"by", "endpoint", "location", "tier", "start", "cells"}

// maxCells is more than any pack holds.
const maxCells = 10_000

// The numbers of a cell behind its sketch, in the order in which they are written.
const rareNumbers = 5

func rareOf(c *monitor.Cell) [rareNumbers]int {
	return [rareNumbers]int{c.Late, c.Degraded, c.Failed, c.Unknown, c.Spared}
}

// AppendPack appends the document of a pack, which names its writer. More than any
// pack can hold is Invalid.
func AppendPack(dst []byte, by string, p *monitor.Pack) ([]byte, error) {
	if len(p.Cells) > maxCells {
		return nil, monitor.Errorf(monitor.Invalid, "a pack holds at most %d cells, got %d", maxCells, len(p.Cells))
	}
	dst = appendText(append(dst, `{"by":`...), by)
	dst = appendText(append(dst, `,"endpoint":`...), p.Endpoint)
	dst = appendText(append(dst, `,"location":`...), p.Location)
	dst = appendText(append(dst, `,"tier":`...), string(p.Tier))
	dst = appendInteger(append(dst, `,"start":`...), p.Start)
	dst = append(dst, `,"cells":[`...)
	for i := range p.Cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCell(dst, &p.Cells[i], p.Start)
	}
	return append(dst, "]}"...), nil
}

func appendCell(dst []byte, c *monitor.Cell, start monitor.Instant) []byte {
	dst = appendInteger(append(dst, '['), c.Start-start)
	dst = appendInteger(append(dst, ','), c.Passed)
	dst = appendInteger(append(dst, ','), c.Micros)
	dst = appendInteger(append(dst, ','), c.Min)
	dst = appendInteger(append(dst, ','), c.Max)
	dst = base64.RawStdEncoding.AppendEncode(append(dst, `,"`...), c.Sketch)
	dst = append(dst, '"')
	rare := rareOf(c)
	end := rareNumbers
	for end > 0 && rare[end-1] == 0 {
		end--
	}
	for _, number := range rare[:end] {
		dst = appendInteger(append(dst, ','), number)
	}
	return append(dst, ']')
}

// ReadPack puts the cells of a document into the pack. Internal: AppendPack did not
// write it. The document is not kept.
func ReadPack(body []byte, into *monitor.Pack) error {
	return read(body, packFields, func(s *scanner) {
		s.head()
		s.literal(`,"tier":`)
		s.text("")
		s.literal(`,"start":`)
		start := monitor.Instant(s.integer())
		s.literal(`,"cells":[`)
		into.Cells = s.cells(start)
		s.literal("]}")
	})
}

func (s *scanner) cells(start monitor.Instant) []monitor.Cell {
	if s.bad || s.at < len(s.data) && s.data[s.at] == ']' {
		return nil
	}
	var cells []monitor.Cell
	for {
		cells = append(cells, s.cell(start))
		if !s.found(',') {
			return cells
		}
	}
}

func (s *scanner) cell(start monitor.Instant) monitor.Cell {
	s.literal("[")
	c := monitor.Cell{Start: start + monitor.Instant(s.integer())}
	s.literal(",")
	c.Passed = int(s.integer())
	s.literal(",")
	c.Micros = s.integer()
	s.literal(",")
	c.Min = s.integer()
	s.literal(",")
	c.Max = s.integer()
	s.literal(",")
	c.Sketch = s.sketch()
	for _, into := range []*int{&c.Late, &c.Degraded, &c.Failed, &c.Unknown, &c.Spared} {
		if !s.found(',') {
			break
		}
		*into = int(s.integer())
	}
	s.literal("]")
	return c
}

func (s *scanner) sketch() []byte {
	text := s.text("")
	if text == "" {
		return nil
	}
	sketch, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		s.fail()
	}
	return sketch
}
