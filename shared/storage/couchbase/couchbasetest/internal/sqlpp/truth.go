package sqlpp

// truth tells whether a value counts as true: neither NULL nor MISSING, FALSE, zero
// or an empty string.
func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	}
	return false
}

// unknown returns MISSING if one of the values is, else NULL if one of them is.
func unknown(a, b any) (which any, ok bool) {
	switch {
	case a == missing{} || b == missing{}:
		return missing{}, true
	case a == nil || b == nil:
		return nil, true
	}
	return nil, false
}

// both is AND: what is false decides, then what is missing, then what is null.
func both(a, b any) any {
	for _, v := range []any{a, b} {
		if v != nil && v != (missing{}) && !truth(v) {
			return false
		}
	}
	if which, ok := unknown(a, b); ok {
		return which
	}
	return true
}

// either is OR: what is true decides, then what is null, then what is missing.
func either(a, b any) any {
	switch {
	case truth(a) || truth(b):
		return true
	case a == nil || b == nil:
		return nil
	case a == missing{} || b == missing{}:
		return missing{}
	}
	return false
}

func negation(v any) any {
	if v == nil || v == (missing{}) {
		return v
	}
	return !truth(v)
}

// isNull is MISSING of what is missing.
func isNull(v any) any {
	if v == (missing{}) {
		return v
	}
	return v == nil
}

// ordered compares values by their order. Those of different types have the order
// of their types.
func ordered(holds func(order int) bool) func(a, b any) any {
	return func(a, b any) any {
		if which, ok := unknown(a, b); ok {
			return which
		}
		return holds(collate(a, b))
	}
}

// equal is FALSE of values of different types.
func equal(a, b any) any { return ordered(func(order int) bool { return order == 0 })(a, b) }

func unequal(a, b any) any { return negation(equal(a, b)) }

// plus is NULL of what is no number.
func plus(a, b any) any {
	if which, ok := unknown(a, b); ok {
		return which
	}
	if a, ok := a.(int64); ok {
		if b, ok := b.(int64); ok {
			return a + b
		}
	}
	x, known := float(a)
	y, too := float(b)
	if !known || !too {
		return nil
	}
	return x + y
}
