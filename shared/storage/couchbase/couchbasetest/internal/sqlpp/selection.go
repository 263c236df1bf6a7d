package sqlpp

import (
	"slices"
	"strings"
)

// SystemIndexes is the keyspace that lists indexes.
const SystemIndexes = "system:indexes"

// Selection is a SELECT that can be evaluated. Its text is run by SQLite as it
// stands, over a table for each collection that it names, with a column for each
// identifier in it: the documents' field of that name, NULL where it is missing.
//
// For a statement that compares fields with parameters of their own type, and
// orders and limits what it found, SQLite gives the rows that a server gives. It
// is no SQL++ for the rest: a field that is null is taken for a missing one, whole
// numbers are divided without a rest, and there are no paths into a field, no
// arrays, and none of SQL++'s own functions and clauses. Nothing is planned
// either: whether a server would serve the statement by the index that the
// registry names, and in which order it would read it, is not seen here.
type Selection struct {
	text      string   // with strings and keyspaces in SQLite's quotes
	Keyspaces []string // that are read
	Fields    []string // that are named
	Params    []string
}

// selectionWords are the reserved words that a SELECT may be made of.
var selectionWords = []string{
	"AND", "AS", "ASC", "BETWEEN", "BY", "DESC", "DISTINCT", "FALSE", "FROM", "GROUP", "HAVING", "IN", "IS", "LIKE", "LIMIT",
	"NOT", "NULL", "OFFSET", "OR", "ORDER", "SELECT", "TRUE", "WHERE",
}

// Select reads a SELECT. What cannot be read is an *Error.
func Select(statement string) (*Selection, error) {
	p, err := read(statement)
	if err != nil {
		return nil, err
	}
	if len(p.tokens) == 0 || !p.tokens[0].is("SELECT") {
		return nil, p.wrong()
	}
	read := &Selection{}
	var text strings.Builder
	copied := 0
	for !p.ended() {
		at := p.tokens[p.next].at
		plain, end, err := read.next(p)
		if err != nil {
			return nil, err
		}
		text.WriteString(statement[copied:at])
		text.WriteString(plain)
		copied = end
	}
	read.text = text.String()
	slices.Sort(read.Fields)
	slices.Sort(read.Params)
	read.Fields, read.Params = slices.Compact(read.Fields), slices.Compact(read.Params)
	return read, nil
}

// next takes the next token, or a whole keyspace, and returns it in SQLite's words
// and where it ends.
func (s *Selection) next(p *phrase) (string, int, error) {
	t := p.tokens[p.next]
	switch {
	case t.kind == literal:
		p.next++
		return "'" + strings.ReplaceAll(t.text, "'", "''") + "'", t.end, nil
	case t.is("FROM"):
		p.next++
		return s.from(p, t)
	case t.kind == parameter:
		s.Params = append(s.Params, t.text)
	case t.kind == quoted:
		s.Fields = append(s.Fields, t.text)
	case t.kind == word && slices.Contains(selectionWords, strings.ToUpper(t.text)):
	case t.kind == word:
		if reserved(t.text) {
			return "", 0, p.wrong()
		}
		s.Fields = append(s.Fields, t.text)
	}
	p.next++
	return p.statement[t.at:t.end], t.end, nil
}

// from reads the keyspace after FROM: a collection of the query context, or the
// list of indexes.
func (s *Selection) from(p *phrase, from token) (string, int, error) {
	name := SystemIndexes
	if !p.accept("system", ":", "indexes") {
		var err error
		if name, err = p.name(); err != nil {
			return "", 0, err
		}
	}
	s.Keyspaces = append(s.Keyspaces, name)
	end := p.tokens[p.next-1].end
	return p.statement[from.at:from.end] + " " + identifier(name), end, nil
}

// Names says whether the selection names every field that a condition does:
// otherwise it cannot ask for what the condition says.
func (s *Selection) Names(condition string) bool {
	tokens, err := scan(condition)
	if err != nil {
		return false
	}
	for _, t := range tokens {
		if (t.kind == quoted || t.kind == word && !reserved(t.text)) && !slices.Contains(s.Fields, t.text) {
			return false
		}
	}
	return true
}
