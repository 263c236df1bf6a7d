package sqlpp

import (
	"bytes"
	"encoding/json"
)

// Boolean keeps true and false apart from 1 and 0 once they are in SQLite.
type Boolean bool

// Scalar reads a JSON value that is neither an object nor an array: nil, a string,
// a Boolean, an int64 or a float64.
func Scalar(value json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, err
	}
	switch decoded := decoded.(type) {
	case nil, string:
		return decoded, nil
	case bool:
		return Boolean(decoded), nil
	case json.Number:
		if whole, err := decoded.Int64(); err == nil {
			return whole, nil
		}
		return decoded.Float64()
	}
	return nil, Errorf(1050, "an object or an array, which the stand-in does not evaluate")
}
