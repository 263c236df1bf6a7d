package sqlpp

import (
	"slices"
	"strings"
)

type tokenKind int

const (
	word      tokenKind = iota // a keyword or an identifier
	quoted                     // an identifier in backquotes
	literal                    // a string in single or double quotes
	number                     // digits, with what may belong to them
	parameter                  // $name
	sign                       // anything else, one character each
)

// token is a part of a statement.
type token struct {
	kind tokenKind
	text string // without its quotes, or its $
	at   int    // where it starts in the statement
	end  int
}

func (t token) is(keyword string) bool {
	return t.kind == word && strings.EqualFold(t.text, keyword) || t.kind == sign && t.text == keyword
}

// names says whether the token is an identifier.
func (t token) names() bool { return t.kind == quoted || t.kind == word && !reserved(t.text) }

// scan splits a statement. A quote that is not closed, or a comment that is not,
// is a syntax error.
func scan(statement string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(statement); {
		next, err := scanOne(statement, at)
		if err != nil {
			return nil, err
		}
		if next.text != "" || next.kind == literal {
			tokens = append(tokens, next)
		}
		at = next.end
	}
	return tokens, nil
}

// scanOne returns what starts at a place. Space and comments are signs without a text.
func scanOne(s string, at int) (token, error) {
	c := s[at]
	switch {
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return token{kind: sign, at: at, end: at + 1}, nil
	case strings.HasPrefix(s[at:], "/*"):
		length := strings.Index(s[at+2:], "*/")
		if length < 0 {
			return token{}, syntaxError(s, at, "a comment that is not closed")
		}
		return token{kind: sign, at: at, end: at + length + 4}, nil
	case c == '`' || c == '\'' || c == '"':
		return scanQuoted(s, at)
	case letter(c):
		end := run(s, at, func(c byte) bool { return letter(c) || digit(c) })
		return token{word, s[at:end], at, end}, nil
	case c == '$' && at+1 < len(s) && letter(s[at+1]):
		end := run(s, at+1, func(c byte) bool { return letter(c) || digit(c) })
		return token{parameter, s[at+1 : end], at, end}, nil
	case digit(c):
		end := run(s, at, func(c byte) bool { return letter(c) || digit(c) || c == '.' })
		return token{number, s[at:end], at, end}, nil
	default:
		return token{sign, s[at : at+1], at, at + 1}, nil
	}
}

func scanQuoted(s string, at int) (token, error) {
	quote := s[at]
	kind := literal
	if quote == '`' {
		kind = quoted
	}
	for end := at + 1; end < len(s); end++ {
		switch {
		case s[end] == '\\':
			return token{}, syntaxError(s, end, "a backslash, which the stand-in does not read")
		case s[end] != quote:
		case end+1 < len(s) && s[end+1] == quote:
			end++
		default:
			double := string([]byte{quote, quote})
			return token{kind, strings.ReplaceAll(s[at+1:end], double, double[:1]), at, end + 1}, nil
		}
	}
	return token{}, syntaxError(s, at, "a quote that is not closed")
}

func run(s string, at int, of func(byte) bool) int {
	for at < len(s) && of(s[at]) {
		at++
	}
	return at
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// reserved says whether a word has to stand in backquotes to be an identifier.
func reserved(s string) bool {
	_, found := slices.BinarySearch(reservedWords, strings.ToUpper(s))
	return found
}
