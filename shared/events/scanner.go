package events

import "encoding/json"

// scanner walks over JSON of a known form. After the first surprise it has
// failed, and what it returns means nothing.
type scanner struct {
	data   []byte
	at     int
	failed bool
}

// found steps over the literal if it comes next.
func (s *scanner) found(literal string) bool {
	end := s.at + len(literal)
	if end > len(s.data) || string(s.data[s.at:end]) != literal {
		return false
	}
	s.at = end
	return true
}

// literal steps over what must come next.
func (s *scanner) literal(literal string) {
	if !s.found(literal) {
		s.failed = true
	}
}

// optional reads a named whole number if it comes next, else 0.
func (s *scanner) optional(name string) int64 {
	if !s.found(name) {
		return 0
	}
	return s.integer()
}

// integer reads a whole number of up to 18 digits.
func (s *scanner) integer() int64 {
	negative := s.found("-")
	begin, value := s.at, int64(0)
	for s.at < len(s.data) && s.data[s.at]-'0' < 10 {
		value = value*10 + int64(s.data[s.at]-'0')
		s.at++
	}
	digits := s.at - begin
	if digits == 0 || digits > 18 || (s.data[begin] == '0' && digits > 1) {
		s.failed = true
	}
	if negative {
		return -value
	}
	return value
}

// text reads a string.
func (s *scanner) text() string { return s.known("") }

// known reads a string, and takes no memory if it is the guessed one.
func (s *scanner) known(guess string) string {
	raw, plain := s.quoted()
	switch {
	case s.failed:
		return ""
	case !plain:
		return s.unquote(raw)
	case string(raw) == guess:
		return guess
	default:
		return string(raw)
	}
}

// quoted steps over a string and returns what stands between its quotes, and
// whether that is the string itself: ASCII without escapes.
func (s *scanner) quoted() (raw []byte, plain bool) {
	s.literal(`"`)
	plain = true
	for i := s.at; i < len(s.data) && !s.failed; i++ {
		switch c := s.data[i]; {
		case c == '"':
			raw = s.data[s.at:i]
			s.at = i + 1
			return raw, plain
		case c == '\\':
			plain = false
			i++
		case c < 0x20:
			s.failed = true
		case c >= 0x80:
			plain = false
		}
	}
	s.failed = true
	return nil, false
}

func (s *scanner) unquote(raw []byte) (text string) {
	quoted := append(append([]byte{'"'}, raw...), '"')
	if json.Unmarshal(quoted, &text) != nil {
		s.failed = true
	}
	return text
}
