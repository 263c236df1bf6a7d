package sqlpp

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
)

// Evaluation is what a selection is evaluated over.
type Evaluation struct {
	Rows   []Row
	Params map[string]any // without $; values as Scalar returns them
	Only   string         // the condition of the index that serves the selection; empty: none
}

// Evaluate returns the rows of the answer, each a JSON object with the columns
// that are not missing. served is false if the index that serves the selection
// does not hold all that the answer needs.
func (s *Selection) Evaluate(e Evaluation) (rows []json.RawMessage, served bool, err error) {
	if rows, err = s.rows(e.Rows, e.Params); err != nil || e.Only == "" {
		return rows, true, err
	}
	held, err := Condition(e.Only)
	if err != nil {
		return nil, false, err
	}
	kept := slices.DeleteFunc(slices.Clone(e.Rows), func(row Row) bool { return !held(row) })
	fromIndex, err := s.rows(kept, e.Params)
	return rows, reflect.DeepEqual(fromIndex, rows), err
}

// Condition reads the condition of an index, which tells whether it holds a
// document. What cannot be read is an *Error.
func Condition(text string) (func(Row) bool, error) {
	p, err := read(text)
	if err != nil {
		return nil, err
	}
	holds, err := (&expressions{phrase: p}).any()
	if err == nil && !p.ended() {
		err = p.wrong()
	}
	return func(row Row) bool { return truth(holds(&scope{row: row})) }, err
}

func (s *Selection) rows(documents []Row, params map[string]any) ([]json.RawMessage, error) {
	var found []*scope
	for _, row := range documents {
		one := &scope{row, params}
		if s.where == nil || truth(s.where(one)) {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, s.compare)
	from, err := bound("OFFSET", s.offset, 0, params)
	if err != nil {
		return nil, err
	}
	most, err := bound("LIMIT", s.limit, math.MaxInt64, params)
	if err != nil {
		return nil, err
	}
	found = found[min(from, int64(len(found))):]
	found = found[:min(most, int64(len(found)))]
	var rows []json.RawMessage
	for _, one := range found {
		row, err := s.encode(one)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Selection) compare(a, b *scope) int {
	for _, key := range s.order {
		order := collate(key.by(a), key.by(b))
		if key.descends {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// bound returns the number of a LIMIT or an OFFSET. One below 0 counts as 0.
func bound(clause string, of term, none int64, params map[string]any) (int64, error) {
	if of == nil {
		return none, nil
	}
	value := of(&scope{params: params})
	given, ok := float(value)
	if !ok || given != math.Trunc(given) {
		return 0, Errorf(5000, "Invalid %s value %v.", clause, value)
	}
	return int64(min(max(given, 0), 1<<53)), nil
}

func (s *Selection) encode(of *scope) (json.RawMessage, error) {
	var row bytes.Buffer
	row.WriteByte('{')
	for _, column := range s.columns {
		value := column.value(of)
		if value == (missing{}) {
			continue
		}
		encoded, err := json.Marshal(map[string]any{column.name: value})
		if err != nil {
			return nil, err
		}
		if row.Len() > 1 {
			row.WriteByte(',')
		}
		row.Write(encoded[1 : len(encoded)-1])
	}
	row.WriteByte('}')
	return row.Bytes(), nil
}
