package redact

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Head is how much of an answer's body an extract is made of, in bytes: more
// than is shown, since what is taken out makes it shorter.
const Head = 1 << 10

// Extract returns what people are shown of an answer: see monitor.Result.
func Extract(answer *look.Answer, values Values) string {
	if len(answer.Head) == 0 {
		return ""
	}
	head, more := answer.Head, answer.Bytes > int64(len(answer.Head)) || answer.Fault != monitor.FaultNone
	if strings.EqualFold(answer.Encoding, "gzip") {
		head, more = unzipped(head, more)
	}
	forms := values.forms()
	mask := maskOf(forms)
	kind, parameters, _ := mime.ParseMediaType(answer.Type)
	if !utf8.Valid(head) && latin(parameters["charset"]) {
		head = fromLatin(head)
	}
	if !textual(kind, head) {
		return note(mask.Replace(kind), answer.Bytes)
	}
	text := string(head)
	if more {
		text = withoutBeginning(text, forms)
	}
	text = maskOf(whole(forms)).Replace(readable(mask.Replace(text)))
	text = strings.TrimSpace(conceal(text))
	if text != "" && (more || len(text) > monitor.MaxExtract) {
		text = Cut(text, monitor.MaxExtract)
	}
	return text
}

// Cut shortens a text to most bytes, of which a mark at its end is part.
func Cut(text string, most int) string {
	end := min(len(text), most-len("…"))
	for end < len(text) && end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// readable returns the text as valid UTF-8 without what is not seen: control
// characters but line ends and tabs, and those that turn the direction of what
// follows.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(text, "�"))
}

// unzipped returns the beginning of what the bytes hold; nothing, if they are
// no gzip.
func unzipped(head []byte, more bool) ([]byte, bool) {
	reader, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return []byte{0}, false
	}
	plain, err := io.ReadAll(io.LimitReader(reader, Head))
	return plain, more || err != nil || len(plain) == Head
}

func latin(charset string) bool {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "us-ascii":
		return true
	default:
		return false
	}
}

func fromLatin(text []byte) []byte {
	runes := make([]rune, len(text))
	for i, b := range text {
		runes[i] = rune(b)
	}
	return []byte(string(runes))
}

var textKind = regexp.MustCompile(`^(text/.*|application/(.*[+.-])?(json|xml|javascript|yaml|toml|graphql|x-www-form-urlencoded|ndjson))$`)

// textual tells whether a body can be read: its type says so, if it has one,
// and so do its bytes.
func textual(kind string, body []byte) bool {
	if kind != "" && !textKind.MatchString(kind) || bytes.IndexByte(body, 0) >= 0 {
		return false
	}
	strange := 0
	for rest := body; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			strange++
		}
		rest = rest[size:]
	}
	return strange <= len(body)/10+1
}

var plainKind = regexp.MustCompile(`^[a-z]{1,20}/[a-z0-9.+-]{1,60}$`)

// note names a body that is not shown.
func note(kind string, size int64) string {
	if !plainKind.MatchString(kind) || conceal(kind) != kind {
		kind = "no text"
	}
	return fmt.Sprintf("[%s, %d bytes: not shown]", kind, size)
}
