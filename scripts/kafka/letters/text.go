package letters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCell is how much of a text a table shows, in characters.
const maxCell = 60

// cell returns a text as a table shows it.
func cell(text string) string {
	if text == "" {
		return "-"
	}
	if utf8.RuneCountInString(text) > maxCell {
		text = string([]rune(text)[:maxCell-1]) + "…"
	}
	return harmless(text)
}

// harmless returns a text with all that does not print as itself written out:
// what came with a record must not move the cursor, colour the terminal, or show
// other than it is.
func harmless(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out.String()
}

// harmlessLines is harmless, and leaves line ends and tabs as they are.
func harmlessLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for n := range cells {
			cells[n] = harmless(cells[n])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}
