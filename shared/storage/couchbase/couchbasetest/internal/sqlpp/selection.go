package sqlpp

import (
	"fmt"
	"slices"
)

// SystemIndexes is the keyspace that lists indexes.
const SystemIndexes = "system:indexes"

// Selection is a SELECT that can be evaluated: columns of the documents of one
// keyspace, those WHERE a condition is true, in an order and up to a limit.
// Conditions compare fields, parameters, constants and their sums, with SQL++'s
// four values of truth.
//
// What else SQL++ has is refused: joins, groups, functions, arrays, paths into a
// field. Nothing is planned either: whether a server would serve the statement by
// the index that the registry names, and in which order it would read it, is not
// seen here.
type Selection struct {
	Keyspace string   // that is read
	Fields   []string // of its documents that are named, in order
	Params   []string // without $, in order

	columns []column
	where   term     // nil: every document
	bounds  []string // fields that where names
	order   []sorting
	limit   term // nil: no end
	offset  term // nil: from the first
}

type column struct {
	name  string
	value term
}

type sorting struct {
	by       term
	descends bool
}

// Select reads a SELECT. What cannot be read is an *Error.
func Select(statement string) (*Selection, error) {
	p, err := read(statement)
	if err != nil {
		return nil, err
	}
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	list := p.next
	if _, err := p.until("FROM"); err != nil {
		return nil, err
	}
	s, e := &Selection{}, &expressions{phrase: p}
	if s.Keyspace, e.alias, err = p.from(); err != nil {
		return nil, err
	}
	clauses := p.next
	p.next = list // what it names is known only now
	if s.columns, err = e.columns(); err != nil {
		return nil, err
	}
	if !p.accept("FROM") {
		return nil, p.wrong()
	}
	p.next = clauses
	if err := s.readClauses(e); err != nil {
		return nil, err
	}
	s.Fields = slices.Compact(slices.Sorted(slices.Values(e.fields)))
	s.Params = slices.Compact(slices.Sorted(slices.Values(e.params)))
	return s, nil
}

// from reads the keyspace, which is a collection of the query context or the list
// of indexes, and the name that its documents have in the statement.
func (p *phrase) from() (keyspace, alias string, err error) {
	if err := p.expect("FROM"); err != nil {
		return "", "", err
	}
	if p.accept("system", ":", "indexes") {
		keyspace, alias = SystemIndexes, "indexes"
	} else if keyspace, err = p.name(); err != nil {
		return "", "", err
	} else {
		alias = keyspace
	}
	if p.accept("AS") || p.named() {
		alias, err = p.name()
	}
	return keyspace, alias, err
}

// columns reads what is selected. A column without a name of its own has that of
// its field, or else its number among those that have none.
func (e *expressions) columns() ([]column, error) {
	var all []column
	for unnamed := 0; ; {
		start := e.next
		value, err := e.any()
		if err != nil {
			return nil, err
		}
		one := column{name: e.fieldSince(start), value: value}
		switch {
		case e.accept("AS"):
			if one.name, err = e.name(); err != nil {
				return nil, err
			}
			e.given = append(e.given, one)
		case one.name == "":
			unnamed++
			one.name = fmt.Sprintf("$%d", unnamed)
		}
		all = append(all, one)
		if !e.accept(",") {
			return all, nil
		}
	}
}

// fieldSince returns the name of the field that has been read since start, if that
// is all that has been.
func (e *expressions) fieldSince(start int) string {
	last := e.tokens[e.next-1]
	alone := e.next-start == 1 || e.next-start == 3 && e.tokens[start+1].is(".")
	if alone && last.names() {
		return last.text
	}
	return ""
}

func (s *Selection) readClauses(e *expressions) (err error) {
	if e.accept("WHERE") {
		selected := len(e.fields)
		if s.where, err = e.any(); err != nil {
			return err
		}
		s.bounds = slices.Clone(e.fields[selected:])
	}
	if e.accept("ORDER", "BY") {
		e.ordering = true
		if s.order, err = e.order(); err != nil {
			return err
		}
	}
	if e.accept("LIMIT") {
		if s.limit, err = e.sum(); err != nil {
			return err
		}
	}
	if e.accept("OFFSET") {
		if s.offset, err = e.sum(); err != nil {
			return err
		}
	}
	if !e.ended() {
		return e.wrong()
	}
	return nil
}

func (e *expressions) order() ([]sorting, error) {
	var all []sorting
	for {
		by, err := e.any()
		if err != nil {
			return nil, err
		}
		descends := e.accept("DESC")
		if !descends {
			e.accept("ASC")
		}
		all = append(all, sorting{by, descends})
		if !e.accept(",") {
			return all, nil
		}
	}
}

// Bounds says whether the selection's condition names every field that an
// expression does: otherwise it cannot ask for what the expression says.
func (s *Selection) Bounds(expression string) bool {
	tokens, err := scan(expression)
	if err != nil {
		return false
	}
	for _, t := range tokens {
		if t.names() && !slices.Contains(s.bounds, t.text) {
			return false
		}
	}
	return true
}
