package rows

import (
	"bytes"
	"encoding/json"
	"math"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// scanner reads JSON in the very form in which this package writes it. After the
// first thing that is otherwise it is bad, and returns zeros.
type scanner struct {
	data []byte
	at   int
	bad  bool
}

// found takes the byte if it comes next.
func (s *scanner) found(b byte) bool {
	if s.at < len(s.data) && s.data[s.at] == b {
		s.at++
		return true
	}
	return false
}

// literal takes what must come next.
func (s *scanner) literal(want string) {
	if len(s.data)-s.at < len(want) || string(s.data[s.at:s.at+len(want)]) != want {
		s.fail()
		return
	}
	s.at += len(want)
}

// fail leaves nothing to be read, so that loops end.
func (s *scanner) fail() { s.bad, s.at = true, len(s.data) }

func (s *scanner) integer() int64 {
	negative := s.found('-')
	begin, value := s.at, uint64(0)
	for ; s.at < len(s.data); s.at++ {
		digit := s.data[s.at] - '0'
		if digit > 9 {
			break
		}
		if s.at-begin >= 19 {
			s.fail()
			return 0
		}
		value = value*10 + uint64(digit)
	}
	if s.at == begin || value > math.MaxInt64 && (!negative || value > -math.MinInt64) {
		s.fail()
		return 0
	}
	if negative {
		return -int64(value)
	}
	return int64(value)
}

// text returns a string; one that is the guess is not made anew.
func (s *scanner) text(guess string) string {
	s.literal(`"`)
	begin, escaped := s.at, false
	for s.at < len(s.data) {
		switch b := s.data[s.at]; {
		case b == '"':
			raw := s.data[begin:s.at]
			s.at++
			if escaped {
				return s.unquoted(raw)
			}
			if string(raw) == guess {
				return guess
			}
			return string(raw)
		case b == '\\':
			escaped = true
			s.at += 2
		case b < ' ':
			s.fail()
		default:
			s.at++
		}
	}
	s.fail()
	return ""
}

func (s *scanner) unquoted(raw []byte) string {
	text, ok := unquote(raw)
	if !ok {
		s.fail()
	}
	return text
}

// word returns an entry of the table, by its place, or a text that it lacks.
func word[T ~string](s *scanner, table []T, guess T) T {
	if s.at < len(s.data) && s.data[s.at] == '"' {
		return T(s.text(string(guess)))
	}
	place := s.integer()
	if place < 0 || place >= int64(len(table)) {
		s.fail()
		return ""
	}
	return table[place]
}

// read scans a document whole. One that is valid JSON but was written by others,
// with its fields in another order, is brought into our form first.
func read(body []byte, fields []string, scan func(*scanner)) error {
	s := &scanner{data: body}
	if scan(s); s.whole() {
		return nil
	}
	s = &scanner{data: tidied(body, fields)}
	if scan(s); s.whole() {
		return nil
	}
	return monitor.Errorf(monitor.Internal, "damaged results: the document is not as it was written")
}

func (s *scanner) whole() bool { return !s.bad && s.at == len(s.data) }

// tidied returns the fields of a JSON object in this order, without spaces.
func tidied(body []byte, fields []string) []byte {
	values := map[string]json.RawMessage{}
	if json.Unmarshal(body, &values) != nil {
		return nil
	}
	var tidy bytes.Buffer
	for i, field := range fields {
		tidy.WriteByte("{,"[min(i, 1)])
		tidy.Write(append(appendText(nil, field), ':'))
		if json.Compact(&tidy, values[field]) != nil {
			return nil
		}
	}
	tidy.WriteByte('}')
	return tidy.Bytes()
}
