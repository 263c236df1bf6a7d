package codec

import (
	"encoding/binary"
	"math/bits"
)

// form says how a column is written.
type form byte

const (
	same   form = iota // one value for all rows
	plain              // each value
	deltas             // each difference to the value before, the first to 0
	runs               // length and value, until all rows are covered
)

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func varintLen(u uint64) int { return (bits.Len64(u|1) + 6) / 7 }

// appendColumn writes the values in their shortest form.
func appendColumn(dst []byte, values []int64) []byte {
	if len(values) == 0 {
		return dst
	}
	best := shortest(values)
	dst = append(dst, byte(best))
	switch best {
	case same:
		return binary.AppendVarint(dst, values[0])
	case runs:
		return appendRuns(dst, values)
	case deltas:
		before := int64(0)
		for _, v := range values {
			dst = binary.AppendVarint(dst, v-before)
			before = v
		}
	default:
		for _, v := range values {
			dst = binary.AppendVarint(dst, v)
		}
	}
	return dst
}

func shortest(values []int64) form {
	first := values[0]
	changed := len(values)
	for i, v := range values {
		if v != first {
			changed = i
			break
		}
	}
	if changed == len(values) {
		return same
	}
	plainSize, deltaSize, runSize := 0, 0, 0
	before, length := int64(0), uint64(0)
	for _, v := range values {
		size := varintLen(zigzag(v))
		plainSize += size
		deltaSize += varintLen(zigzag(v - before))
		if v != before || length == 0 {
			runSize += size + varintLen(length)
			length = 0
		}
		length++
		before = v
	}
	switch {
	case runSize <= plainSize && runSize <= deltaSize:
		return runs
	case deltaSize < plainSize:
		return deltas
	default:
		return plain
	}
}

func appendRuns(dst []byte, values []int64) []byte {
	for len(values) > 0 {
		length := 1
		for length < len(values) && values[length] == values[0] {
			length++
		}
		dst = binary.AppendUvarint(dst, uint64(length))
		dst = binary.AppendVarint(dst, values[0])
		values = values[length:]
	}
	return dst
}

// column reads len(values) values.
func (r *reader) column(values []int64) {
	if len(values) == 0 || r.err != nil {
		return
	}
	switch form(r.byte()) {
	case same:
		fill(values, r.varint())
	case plain:
		for i := range values {
			values[i] = r.varint()
		}
	case deltas:
		before := int64(0)
		for i := range values {
			before += r.varint()
			values[i] = before
		}
	case runs:
		r.runs(values)
	default:
		r.fail("a column of unknown form")
	}
}

func (r *reader) runs(values []int64) {
	for len(values) > 0 && r.err == nil {
		length, value := r.uvarint(), r.varint()
		if length == 0 || length > uint64(len(values)) {
			r.fail("a run beyond the last row")
			return
		}
		fill(values[:length], value)
		values = values[length:]
	}
}

func fill(values []int64, value int64) {
	for i := range values {
		values[i] = value
	}
}
