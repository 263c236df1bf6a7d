package sketch

import (
	"encoding/binary"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// version is the first byte of every sketch that is not empty.
const version = 1

// Each bucket that is not empty is one number, its count less one and, in the
// lowest two bits, how many empty ones lie before it; where these are three or
// more, a second number tells how many more.
const (
	gapBits = 2
	longGap = 1<<gapBits - 1
)

// Bytes returns the sketch in a form that Parse reads: the same for the same
// latencies, in whatever order they were entered. An empty sketch gives nil.
func (s *Sketch) Bytes() []byte {
	if s.total == 0 {
		return nil
	}
	text := make([]byte, 1, 2*len(s.counts)+8)
	text[0] = version
	gap := s.first
	for _, n := range s.counts {
		if n == 0 {
			gap++
			continue
		}
		text = binary.AppendUvarint(text, uint64(n-1)<<gapBits|uint64(min(gap, longGap)))
		if gap >= longGap {
			text = binary.AppendUvarint(text, uint64(gap-longGap))
		}
		gap = 0
	}
	return text
}

// Parse reads what Bytes wrote; no bytes give an empty sketch. Anything else
// is an Invalid error. The bytes are not kept.
func Parse(text []byte) (*Sketch, error) {
	s := New()
	if err := s.MergeBytes(text); err != nil {
		return nil, err
	}
	return s, nil
}

// MergeBytes enters all that a sketch in the form of Bytes holds, without
// making a Sketch of it first. Other bytes are an Invalid error and enter
// nothing. The bytes are not kept.
func (s *Sketch) MergeBytes(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if text[0] != version {
		return monitor.Errorf(monitor.Invalid, "a latency sketch has version %d, this program reads %d", text[0], version)
	}
	total := s.total
	err := walk(text[1:], func(_ int, count int64) bool {
		total += count
		return total > 0
	})
	if err != nil {
		return err
	}
	return walk(text[1:], func(bucket int, count int64) bool {
		s.cover(bucket, bucket)
		s.counts[bucket-s.first] += count
		s.total += count
		return true
	})
}

// walk visits each bucket that is not empty, in order, until visit says that
// there are too many latencies.
func walk(rest []byte, visit func(bucket int, count int64) bool) error {
	for bucket := 0; len(rest) > 0; bucket++ {
		number, length := binary.Uvarint(rest)
		if length <= 0 {
			return damaged("a bad number")
		}
		rest = rest[length:]
		gap := number & longGap
		if gap == longGap {
			more, length := binary.Uvarint(rest)
			if length <= 0 || more > uint64(len(uppers)) {
				return damaged("a bad gap")
			}
			rest = rest[length:]
			gap += more
		}
		bucket += int(gap)
		if bucket >= len(uppers) {
			return damaged("a latency out of range")
		}
		if !visit(bucket, int64(number>>gapBits)+1) {
			return damaged("too many latencies")
		}
	}
	return nil
}

func damaged(what string) error {
	return monitor.Errorf(monitor.Invalid, "a latency sketch is damaged: %s", what)
}
