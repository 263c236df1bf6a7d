package slack

import (
	"strings"
	"unicode/utf8"
)

// escape makes a text from outside safe to show: control characters become
// spaces, the three characters that Slack reads as markup are written as it
// asks (https://docs.slack.dev/messaging/formatting-message-text), and the
// outcome has most characters at most, the last of which says where it was cut.
func escape(text string, most int) string {
	var b strings.Builder
	length, keep := 0, 0 // keep: bytes of b that leave room for the mark of a cut
	for _, r := range strings.ToValidUTF8(text, "") {
		safe := escaped(r)
		if length += utf8.RuneCountInString(safe); length > most {
			return b.String()[:keep] + "…"
		}
		b.WriteString(safe)
		if length < most {
			keep = b.Len()
		}
	}
	return b.String()
}

func escaped(r rune) string {
	switch {
	case r < ' ' || r == 0x7f:
		return " "
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	default:
		return string(r)
	}
}

// bounded cuts a text to most characters, the last of which then says so.
func bounded(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
