package sqlpp

import "encoding/json"

// term is an expression, to be evaluated.
type term func(*scope) any

// scope is what a term is evaluated over.
type scope struct {
	row    Row
	params map[string]any
}

// expressions reads expressions over the documents of one keyspace. Each method
// reads what binds more closely than what the method before it reads.
type expressions struct {
	*phrase
	alias    string   // of the documents
	given    []column // that have a name of their own, which ORDER BY alone knows
	ordering bool     // what is read belongs to ORDER BY, or stands behind it
	fields   []string // that are named
	params   []string
}

// any reads an expression of any kind.
func (e *expressions) any() (term, error) { return e.chain("OR", e.all, either) }
func (e *expressions) all() (term, error) { return e.chain("AND", e.not, both) }
func (e *expressions) sum() (term, error) { return e.chain("+", e.single, plus) }

func (e *expressions) chain(word string, part func() (term, error), join func(a, b any) any) (term, error) {
	whole, err := part()
	for err == nil && e.accept(word) {
		left := whole
		var right term
		right, err = part()
		whole = pair(left, right, join)
	}
	return whole, err
}

func pair(left, right term, join func(a, b any) any) term {
	return func(s *scope) any { return join(left(s), right(s)) }
}

func (e *expressions) not() (term, error) {
	if !e.accept("NOT") {
		return e.comparison()
	}
	of, err := e.not()
	return func(s *scope) any { return negation(of(s)) }, err
}

// operators compare two values: the longer ones come first.
var operators = []struct {
	sign  string
	holds func(a, b any) any
}{
	{"<=", ordered(func(order int) bool { return order <= 0 })},
	{">=", ordered(func(order int) bool { return order >= 0 })},
	{"!=", unequal},
	{"<>", unequal},
	{"==", equal},
	{"=", equal},
	{"<", ordered(func(order int) bool { return order < 0 })},
	{">", ordered(func(order int) bool { return order > 0 })},
}

func (e *expressions) comparison() (term, error) {
	left, err := e.sum()
	switch {
	case err != nil:
		return nil, err
	case e.accept("IS"):
		return e.is(left)
	}
	for _, operator := range operators {
		if e.acceptSign(operator.sign) {
			right, err := e.sum()
			return pair(left, right, operator.holds), err
		}
	}
	return left, nil
}

// is reads what follows IS.
func (e *expressions) is(of term) (term, error) {
	negated := e.accept("NOT")
	var holds func(any) any
	switch {
	case e.accept("NULL"):
		holds = isNull
	case e.accept("MISSING"):
		holds = func(v any) any { return v == missing{} }
	case e.accept("VALUED"), e.accept("KNOWN"):
		holds = func(v any) any { return v != nil && v != missing{} }
	default:
		return nil, e.wrong()
	}
	if negated {
		return func(s *scope) any { return negation(holds(of(s))) }, nil
	}
	return func(s *scope) any { return holds(of(s)) }, nil
}

// single reads a constant, a parameter, a field, or an expression in parentheses.
func (e *expressions) single() (term, error) {
	for word, value := range constants {
		if e.accept(word) {
			return constant(value), nil
		}
	}
	switch {
	case e.ended():
		return nil, e.wrong()
	case e.accept("("):
		inner, err := e.any()
		if err == nil {
			err = e.expect(")")
		}
		return inner, err
	case e.accept("-"):
		return e.number("-")
	}
	switch t := e.tokens[e.next]; t.kind {
	case number:
		return e.number("")
	case literal:
		e.next++
		return constant(t.text), nil
	case parameter:
		e.next++
		e.params = append(e.params, t.text)
		return func(s *scope) any { return s.params[t.text] }, nil
	default:
		return e.field()
	}
}

// constants are the words that stand for values.
var constants = map[string]any{"TRUE": true, "FALSE": false, "NULL": nil, "MISSING": missing{}}

func constant(value any) term { return func(*scope) any { return value } }

func (e *expressions) number(sign string) (term, error) {
	if e.ended() || e.tokens[e.next].kind != number {
		return nil, e.wrong()
	}
	value, err := Scalar(json.RawMessage(sign + e.tokens[e.next].text))
	if err != nil {
		return nil, e.wrong()
	}
	e.next++
	return constant(value), nil
}

// field reads the name of a field, with that of its documents or without.
func (e *expressions) field() (term, error) {
	at := e.next
	name, err := e.name()
	if err != nil {
		return nil, err
	}
	qualified := name == e.alias && e.accept(".")
	if qualified {
		if name, err = e.name(); err != nil {
			return nil, err
		}
	}
	for _, column := range e.given {
		if e.ordering && !qualified && column.name == name {
			return column.value, nil
		}
	}
	if !qualified && name == e.alias || e.accept(".") || e.accept("[") || e.accept("(") {
		e.next = at
		return nil, e.wrong()
	}
	e.fields = append(e.fields, name)
	return func(s *scope) any { return s.row.field(name) }, nil
}
