package sqlpp

import (
	"bytes"
	"cmp"
	"encoding/json"
)

// missing is the value of a field that is not there. NULL is nil.
type missing struct{}

// Row is what a statement may name of a document: values as Scalar returns them.
type Row map[string]any

func (r Row) field(name string) any {
	value, ok := r[name]
	if !ok {
		return missing{}
	}
	return value
}

// Scalar reads a JSON value that is neither an object nor an array: nil, a bool, an
// int64, a float64 or a string.
func Scalar(value json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil || !json.Valid(value) {
		return nil, Errorf(1050, "%s is no JSON", value)
	}
	switch decoded := decoded.(type) {
	case nil, string, bool:
		return decoded, nil
	case json.Number:
		if whole, err := decoded.Int64(); err == nil {
			return whole, nil
		}
		return decoded.Float64()
	}
	return nil, Errorf(1050, "an object or an array, which the stand-in does not evaluate")
}

// rank is the place of a value's type in the order of types.
func rank(v any) int {
	switch v := v.(type) {
	case missing:
		return 0
	case nil:
		return 1
	case bool:
		if !v {
			return 2
		}
		return 3
	case int64, float64:
		return 4
	default:
		return 5
	}
}

// collate compares values of any types: MISSING, NULL, FALSE, TRUE, numbers, strings
// by their bytes.
func collate(a, b any) int {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y)
		}
	}
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	}
	if x, ok := float(a); ok {
		if y, ok := float(b); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(rank(a), rank(b))
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
