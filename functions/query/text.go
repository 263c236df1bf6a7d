package query

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// wholeNumber reads a whole number that is not negative.
func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// appendText appends name, which ends in a colon, and value as a JSON string.
func appendText(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return append(dst, encoded(value)...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, value...)
	return append(dst, '"')
}

// appendNumber appends name and value, or nothing where the value is 0.
func appendNumber(dst []byte, name string, value int64) []byte {
	if value == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, name...), value, 10)
}

// encoded returns the JSON of a plain value, as the API writes it: without
// escapes for HTML.
func encoded(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // plain values always encode
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'})
}
