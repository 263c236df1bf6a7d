package slack

import "strings"

// escape makes a text from outside safe to show: control characters become
// spaces, the three characters that Slack reads as markup are written as it
// asks (https://docs.slack.dev/messaging/formatting-message-text), and it is
// cut to most characters before that.
func escape(text string, most int) string {
	flat := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(bounded(flat, most))
}

// bounded cuts a text to most characters, the last of which then says so.
func bounded(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most-1]) + "…"
}
