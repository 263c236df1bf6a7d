package sqlpp

import (
	"fmt"
	"strings"
)

// Error is an error of the query service, in a server's numbers.
// https://docs.couchbase.com/server/current/n1ql/n1ql-language-reference/n1ql-error-codes.html
type Error struct {
	Code    int
	Message string
	Again   bool // the client may try again
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// Errorf returns an error with a message.
func Errorf(code int, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// syntaxError is what a server says of a statement that it cannot read.
func syntaxError(statement string, at int, near string) *Error {
	line := 1 + strings.Count(statement[:at], "\n")
	column := at - strings.LastIndexByte(statement[:at], '\n')
	return Errorf(3000, "syntax error - line %d, column %d, at: %s", line, column, near)
}
