package rows

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The surrogates that stand for bytes which are no UTF-8.
const (
	firstStray = 0xdc80
	lastStray  = 0xdcff
)

const hexDigits = "0123456789abcdef"

// appendText writes a text as a JSON string.
func appendText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	begin := 0
	for at := 0; at < len(text); {
		b := text[at]
		if b >= ' ' && b < utf8.RuneSelf && b != '"' && b != '\\' {
			at++
			continue
		}
		if b >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(text[at:]); r != utf8.RuneError || size > 1 {
				at += size
				continue
			}
		}
		dst = append(dst, text[begin:at]...)
		dst = appendEscaped(dst, b)
		at++
		begin = at
	}
	return append(append(dst, text[begin:]...), '"')
}

func appendEscaped(dst []byte, b byte) []byte {
	switch {
	case b == '"' || b == '\\':
		return append(dst, '\\', b)
	case b >= utf8.RuneSelf:
		return append(dst, '\\', 'u', 'd', 'c', hexDigits[b>>4], hexDigits[b&15])
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
	}
}

// unquote returns the text of a JSON string that has escapes, without its quotes;
// false: it is none.
func unquote(raw []byte) (string, bool) {
	text := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		if raw[0] != '\\' {
			text, raw = append(text, raw[0]), raw[1:]
			continue
		}
		r, size := escape(raw)
		if size == 0 {
			return "", false
		}
		raw = raw[size:]
		if utf16.IsSurrogate(r) {
			if low, more := escape(raw); utf16.DecodeRune(r, low) != utf8.RuneError {
				r, raw = utf16.DecodeRune(r, low), raw[more:]
			}
		}
		if r >= firstStray && r <= lastStray {
			text = append(text, byte(r))
		} else {
			text = utf8.AppendRune(text, r)
		}
	}
	return string(text), true
}

// escape returns what the escape at the beginning of raw stands for, and its
// length; 0: there is none.
func escape(raw []byte) (rune, int) {
	if len(raw) < 2 || raw[0] != '\\' {
		return 0, 0
	}
	switch raw[1] {
	case '"', '\\', '/':
		return rune(raw[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	if raw[1] != 'u' || len(raw) < 6 {
		return 0, 0
	}
	r, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(r), 6
}
