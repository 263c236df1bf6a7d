package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Values are the secrets that were filled into a request.
type Values []string

// maskedSecret is what stands in the place of a secret.
const maskedSecret = "[secret]"

// Redactor returns a function that takes the secrets out of a text, in every
// form; nil where there are none.
func (v Values) Redactor() func(string) string {
	if len(v) == 0 {
		return nil
	}
	mask := sync.OnceValue(func() *strings.Replacer { return maskOf(v.forms()) })
	return func(text string) string { return mask().Replace(text) } // most answers need none of this
}

// maskOf returns what puts a mark in the place of each form.
func maskOf(forms []string) *strings.Replacer {
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, maskedSecret)
	}
	return strings.NewReplacer(pairs...)
}

// whole returns the forms that are valid UTF-8: in text that is, others are
// nothing but parts of characters.
func whole(forms []string) []string {
	return slices.DeleteFunc(slices.Clone(forms), func(form string) bool { return !utf8.ValidString(form) })
}

// withoutBeginning takes off what a text that was cut ends with, if a form
// begins with it: the rest of the secret is behind the cut.
func withoutBeginning(text string, forms []string) string {
	longest := 0
	for _, form := range forms {
		for n := min(len(form)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, form[:n]) {
				longest = n
			}
		}
	}
	return text[:len(text)-longest]
}

// forms returns how the secrets may look in an answer or in an error. A longer
// form comes first: it may begin with a shorter one.
func (v Values) forms() []string {
	var forms []string
	for _, secret := range v {
		forms = append(forms, formsOf(secret)...)
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return slices.DeleteFunc(slices.Compact(forms), func(form string) bool { return form == "" })
}

// formsOf returns how a secret may look: as it is, in a URL, on a page, in
// Base64 and hexadecimal digits, and in JSON, also in JSON within JSON.
func formsOf(secret string) []string {
	bytes := []byte(secret)
	digits := hex.EncodeToString(bytes)
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), digits, strings.ToUpper(digits),
	}
	forms = append(forms, lowerEscapes(forms[1]), lowerEscapes(forms[2]), namedEntities(secret))
	for _, encode := range []func(string) string{quoted, quotedForPages, quotedInASCII, quotedInPHP} {
		once := encode(secret)
		forms = append(forms, once, quoted(once), quotedForPages(once))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, encoding.EncodeToString(bytes))
	}
	return append(forms, within(secret)...)
}

// shortestWithin is the least length of a secret that is looked for in the
// Base64 of a longer text: less of it would be found by chance.
const shortestWithin = 8

// within returns how a secret looks in the Base64 of a longer text, as of a
// user's name and password: three ways, by where in three bytes it begins.
// What its neighbours have a part in is left out.
func within(secret string) []string {
	if len(secret) < shortestWithin {
		return nil
	}
	var forms []string
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			whole := encoding.EncodeToString(padded[:len(padded)/3*3])
			forms = append(forms, whole[(8*before+5)/6:])
		}
	}
	return forms
}

// lowerEscapes writes the escapes of a URL with small letters.
func lowerEscapes(text string) string {
	out := []byte(text)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:i+3], strings.ToLower(text[i+1:i+3]))
		}
	}
	return string(out)
}

// namedEntities is a text as it stands on pages of programs that name quotes
// where html.EscapeString numbers them.
func namedEntities(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace(text)
}

// quoted is a text as it stands in JSON.
func quoted(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text always encodes
	line := out.String()     // the quotes and a line end are around it
	return line[1 : len(line)-2]
}

// quotedForPages is a text as it stands in JSON that may be put into a page.
func quotedForPages(text string) string {
	out, _ := json.Marshal(text) // a text always encodes
	return string(out[1 : len(out)-1])
}

// quotedInASCII is a text as it stands in JSON that is ASCII throughout.
func quotedInASCII(text string) string {
	var out strings.Builder
	for _, r := range quoted(text) {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}

// quotedInPHP is a text as PHP writes it in JSON.
func quotedInPHP(text string) string { return strings.ReplaceAll(quotedInASCII(text), "/", `\/`) }
