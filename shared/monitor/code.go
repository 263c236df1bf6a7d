package monitor

import (
	"errors"
	"fmt"
)

// Code is the closed set of reasons for which an operation fails. A code is
// itself an error, so errors.Is(err, monitor.NotFound) works through wrapping.
type Code string

// The codes. What each one means to a caller, a broker and a log stands in
// the table of CONTRIBUTING.md.
const (
	Invalid     Code = "invalid"     // the sender must change it
	NotFound    Code = "not_found"   // no such thing
	Forbidden   Code = "forbidden"   // not with these credentials
	Conflict    Code = "conflict"    // someone wrote first: read again, then try again
	Unavailable Code = "unavailable" // may work later, unchanged
	Internal    Code = "internal"    // our own fault
)

// Error makes the code an error.
func (c Code) Error() string { return string(c) }

// Error is a failure with a code, a message that is safe to show to users and
// says what to do, and, where one input is to blame, that input's name.
type Error struct {
	Code    Code
	Field   string // the faulty field, dotted; empty where no single one is to blame
	Message string
	Cause   error // for logs; never shown to users
}

// Error returns the field and the message, then the cause.
func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the code and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.Cause}
}

// Errorf returns an *Error with the code and a message for users.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf returns an Invalid *Error that blames one field.
func FieldErrorf(field, format string, args ...any) error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an *Error with the code and a message for users, and keeps the
// cause for logs. A nil cause gives nil.
func Wrap(code Code, cause error, format string, args ...any) error {
	if cause == nil {
		return nil
	}
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// CodeOf returns the code of err: Internal where it carries none, and the
// empty code where err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if code, ok := errors.AsType[Code](err); ok {
		return code
	}
	return Internal
}

// Retryable tells whether the same call may succeed later, unchanged.
func (c Code) Retryable() bool { return c == Conflict || c == Unavailable || c == Internal }
