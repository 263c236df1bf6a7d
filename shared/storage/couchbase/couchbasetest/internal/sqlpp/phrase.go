package sqlpp

import (
	"slices"
	"strings"
)

// phrase is a statement that is read from its start to its end.
type phrase struct {
	statement string
	tokens    []token
	next      int
}

func read(statement string) (*phrase, error) {
	tokens, err := scan(statement)
	if err != nil {
		return nil, err
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	return &phrase{statement: statement, tokens: tokens}, nil
}

func (p *phrase) ended() bool { return p.next == len(p.tokens) }

// accept passes over words that come next, and says whether they did.
func (p *phrase) accept(words ...string) bool {
	if p.next+len(words) > len(p.tokens) {
		return false
	}
	for i, expected := range words {
		if !p.tokens[p.next+i].is(expected) {
			return false
		}
	}
	p.next += len(words)
	return true
}

func (p *phrase) expect(words ...string) error {
	if !p.accept(words...) {
		return p.wrong()
	}
	return nil
}

// acceptSign passes over signs that come next without a space between them, and
// says whether they did.
func (p *phrase) acceptSign(signs string) bool {
	if p.ended() || !strings.HasPrefix(p.statement[p.tokens[p.next].at:], signs) {
		return false
	}
	p.next += len(signs)
	return true
}

// named says whether an identifier comes next.
func (p *phrase) named() bool { return !p.ended() && p.tokens[p.next].names() }

// name reads an identifier.
func (p *phrase) name() (string, error) {
	if !p.named() {
		return "", p.wrong()
	}
	p.next++
	return p.tokens[p.next-1].text, nil
}

// names reads identifiers in parentheses.
func (p *phrase) names() ([]string, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var all []string
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		all = append(all, name)
		if p.accept(")") {
			return all, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// until reads an expression that ends before one of the words, and returns its text.
func (p *phrase) until(words ...string) (string, error) {
	depth, start := 0, p.next
	for ; !p.ended(); p.next++ {
		t := p.tokens[p.next]
		if depth == 0 && isAny(t, words) {
			break
		}
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
	}
	if p.next == start {
		return "", p.wrong()
	}
	return strings.TrimSpace(p.statement[p.tokens[start].at:p.tokens[p.next-1].end]), nil
}

func isAny(t token, words []string) bool { return slices.ContainsFunc(words, t.is) }

// wrong is the syntax error of what comes next.
func (p *phrase) wrong() error {
	if p.ended() {
		return syntaxError(p.statement, len(p.statement), "end of input")
	}
	t := p.tokens[p.next]
	near := p.statement[t.at:t.end]
	if t.kind == word && reserved(t.text) {
		near += " (reserved word)"
	}
	return syntaxError(p.statement, t.at, near)
}
