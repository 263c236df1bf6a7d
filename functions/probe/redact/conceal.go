package redact

import (
	"regexp"
	"strings"
)

// concealed is what stands in the place of what looks like a secret.
const concealed = "[redacted]"

// conceal takes out of a text what looks like a secret or names a person,
// though nobody said that it is one: values whose names speak of secrets, what
// follows Bearer and Basic, users in URLs, e-mail addresses, private keys and
// words that look random. Request IDs in the form of a UUID stay.
func conceal(text string) string {
	if strings.Contains(text, "-----BEGIN") {
		text = keyBlock.ReplaceAllString(text, concealed)
	}
	text = concealNamed(text)
	if lower := strings.ToLower(text); strings.Contains(lower, "bearer") || strings.Contains(lower, "basic") {
		text = credentials.ReplaceAllString(text, "$1"+concealed)
	}
	if strings.Contains(text, "@") {
		text = userInURL.ReplaceAllString(text, "$1"+concealed+"@")
		text = passwordAt.ReplaceAllString(text, concealed+"@")
		text = eMail.ReplaceAllString(text, "[e-mail]")
	}
	return concealOpaque(text)
}

var (
	keyBlock    = regexp.MustCompile(`-----BEGIN[^-]*-----[^-]*(-----END[^-]*-----)?`)
	credentials = regexp.MustCompile(`(?i)(\b(?:bearer|basic)(?:\s|%20|\+)+)[^\s"'<>,;\[\]]+`)
	userInURL   = regexp.MustCompile(`(://)(?:[^\s"'<>/?#:@]*:[^\s"'<>]*|[^\s"'<>/?#]*)@`)
	passwordAt  = regexp.MustCompile(`[^\s"'<>:/@=]+:[^\s"'<>/]+@`)
	eMail       = regexp.MustCompile(`[\w.%+-]+@[\w-]+(?:\.[\w-]+)+`)
)

// concealOpaque takes out tokens of three parts (RFC 7519) and words of many
// letters and digits without an order.
func concealOpaque(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && opaqueByte(text[end]) {
			end++
		}
		if strings.HasPrefix(text[i:end], "eyJ") {
			for end < len(text) && (opaqueByte(text[end]) || text[end] == '.') {
				end++
			}
		}
		if end-i >= shortestOpaque {
			out.WriteString(text[done:i])
			out.WriteString(concealWord(text[i:end]))
			done = end
		}
		i = end + 1
	}
	return out.String() + text[done:]
}

const (
	shortestOpaque = 20 // letters and digits in a row
	shortestMixed  = 32 // with signs of Base64 among them
)

func opaqueByte(b byte) bool { return letterOrDigit(b) || b == '_' || b == '-' || b == '+' || b == '/' }

func letterOrDigit(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// concealWord judges a word as a whole, and else the stretches of letters and
// digits in it.
func concealWord(word string) string {
	if len(word) == 36 && uuid.MatchString(word) {
		return word
	}
	small, capital, digits := letters(word)
	if strings.HasPrefix(word, "eyJ") || len(word) >= shortestMixed && digits > 0 && small >= 3 && capital >= 5 {
		return concealed
	}
	return stretches.ReplaceAllStringFunc(word, func(stretch string) string {
		if small, capital, digits := letters(stretch); digits == 0 || small+capital == 0 {
			return stretch
		}
		return concealed
	})
}

var stretches = regexp.MustCompile(`[0-9A-Za-z]{20,}`)

func letters(word string) (small, capital, digits int) {
	for _, b := range []byte(word) {
		switch {
		case b >= 'a' && b <= 'z':
			small++
		case b >= 'A' && b <= 'Z':
			capital++
		case b >= '0' && b <= '9':
			digits++
		}
	}
	return small, capital, digits
}
