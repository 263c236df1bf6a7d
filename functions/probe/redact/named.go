package redact

import (
	"slices"
	"strings"
)

// concealNamed takes out the values whose names speak of secrets, however they
// are written: as JSON, also within JSON, in a URL, a header, a form or XML.
func concealNamed(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		width := separator(text[i:])
		if width == 0 {
			continue
		}
		name := nameOf(text, done, i)
		if !telling(name) {
			continue
		}
		from, to := valueAt(text, i+width, extentOf(text[i], name))
		if to > from {
			out.WriteString(text[done:from])
			out.WriteString(concealed)
			done, i = to, to-1
		}
	}
	return out.String() + text[done:]
}

// separator returns the length of what stands between a name and its value.
func separator(text string) int {
	switch {
	case strings.HasPrefix(text, "=>"):
		return 2
	case text[0] == ':', text[0] == '=', text[0] == '>':
		return 1
	case len(text) >= 3 && strings.EqualFold(text[:3], "%3d"), len(text) >= 3 && strings.EqualFold(text[:3], "%3a"):
		return 3
	default:
		return 0
	}
}

const longestName = 80

// nameOf returns the name that ends at the separator at i and begins at or
// behind least. Of an element of XML that is its tag; the value of a form's
// field is named by the whole of its element.
func nameOf(text string, least, i int) string {
	before := text[max(least, i-3*longestName):i]
	opening := strings.LastIndexByte(before, '<') + 1
	if text[i] == '>' {
		tag, _, _ := strings.Cut(before[opening:], " ")
		if opening == 0 || strings.HasPrefix(tag, "/") {
			return ""
		}
		return tag
	}
	before = strings.TrimRight(before, " \t\"'\\]")
	begin := len(before)
	for begin > 0 && (letterOrDigit(before[begin-1]) || strings.IndexByte("_-.", before[begin-1]) >= 0) {
		begin--
	}
	if name := strings.ToLower(before[begin:]); (name == "value" || name == "content") && opening > 0 {
		return before[opening:] + text[i:i+lengthTo(text[i:], ">")]
	}
	return before[begin:]
}

// tellingParts make a name tell of a secret wherever they stand in it,
// tellingWords where they are a word of it.
var (
	tellingParts = []string{
		"password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "authorization", "cookie", "session",
		"signature", "apikey", "accesskey", "privatekey", "csrf", "xsrf",
	}
	tellingWords = []string{"auth", "bearer", "jwt", "key", "otp", "pass", "pin", "pwd", "sid", "sig"}
)

// telling tells whether what a name stands for may be a secret.
func telling(name string) bool {
	if name == "" {
		return false
	}
	plain := strings.Map(joined, name)
	for _, part := range tellingParts {
		if strings.Contains(plain, part) {
			return true
		}
	}
	return slices.ContainsFunc(wordsOf(name), func(word string) bool { return slices.Contains(tellingWords, word) })
}

// joined makes api_Key apikey.
func joined(r rune) rune {
	switch {
	case r == '_', r == '-', r == '.':
		return -1
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	default:
		return r
	}
}

// wordsOf splits my_keyName-id into my, key, name and id.
func wordsOf(name string) []string {
	var spaced strings.Builder
	for i := range len(name) {
		capital := name[i] >= 'A' && name[i] <= 'Z'
		if capital && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			spaced.WriteByte(' ')
		}
		spaced.WriteByte(name[i])
	}
	return strings.FieldsFunc(strings.ToLower(spaced.String()), func(r rune) bool { return r < 'a' || r > 'z' })
}

// extent returns how long a value is that is in no quotes and no brackets.
type extent func(text string) int

func extentOf(separator byte, name string) extent {
	lower := strings.ToLower(name)
	switch {
	case separator == '>':
		return toTag
	case strings.Contains(lower, "authorization"), strings.Contains(lower, "cookie"):
		return toLineEnd
	default:
		return toWordEnd
	}
}

func toTag(text string) int { return lengthTo(text, "<") }

// toLineEnd also ends with the JSON text that the line may be in.
func toLineEnd(text string) int {
	length := 0
	for {
		length += lengthTo(text[length:], "\n\"<\\")
		if !strings.HasSuffix(text[:length], "=") || !strings.HasPrefix(text[length:], `"`) {
			return length
		}
		length++ // the value of a parameter, in quotes
		length += lengthTo(text[length:], "\n\"")
		length += len(text[length:]) - len(strings.TrimPrefix(text[length:], `"`))
	}
}

// toWordEnd takes another word along where the first names a scheme (RFC 9110,
// section 11.1). True, false and null are no values: they hide nothing.
func toWordEnd(text string) int {
	const ends = " \t\r\n&,;<>\"'`)}]\\|"
	length := lengthTo(text, ends)
	switch strings.ToLower(text[:length]) {
	case "true", "false", "null":
		return 0
	case "bearer", "basic", "digest", "negotiate", "token", "apikey":
		length += len(text[length:]) - len(strings.TrimLeft(text[length:], " \t"))
		length += lengthTo(text[length:], ends)
	}
	return length
}

// valueAt returns where the value begins and ends that stands at or behind i.
// Of what is in quotes the quotes stay. What is never closed ends with the
// text.
func valueAt(text string, i int, plain extent) (from, to int) {
	rest := strings.TrimLeft(text[i:], "\r\n \t")
	slashes := len(rest) - len(strings.TrimLeft(rest, `\`))
	switch {
	case slashes < len(rest) && strings.IndexByte("\"'", rest[slashes]) >= 0:
		from = len(text) - len(rest) + slashes + 1
		return from, from + quotedLength(text[from:], rest[slashes], slashes)
	case rest != "" && strings.IndexByte("{[", rest[0]) >= 0:
		from = len(text) - len(rest)
		return from, from + bracketed(rest)
	default:
		from = len(text) - len(strings.TrimLeft(text[i:], " \t"))
		return from, from + plain(text[from:])
	}
}

func lengthTo(text, ends string) int {
	if end := strings.IndexAny(text, ends); end >= 0 {
		return end
	}
	return len(text)
}

// quotedLength returns how long a text in quotes is whose opening quote has so
// many backslashes before it.
func quotedLength(text string, quote byte, slashes int) int {
	run := 0
	for i := range len(text) {
		switch {
		case text[i] == '\\':
			run++
			continue
		case text[i] == quote && (run == slashes || slashes == 0 && run%2 == 0):
			return i - slashes
		}
		run = 0
	}
	return len(text)
}

// bracketed returns how long a text is up to the bracket that closes its first.
func bracketed(text string) int {
	depth, inQuotes := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '"' && (i == 0 || text[i-1] != '\\'):
			inQuotes = !inQuotes
		case inQuotes:
		case text[i] == '{' || text[i] == '[':
			depth++
		case text[i] == '}' || text[i] == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
