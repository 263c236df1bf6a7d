package couchbasetest

import (
	"fmt"
	"net/http"
)

// queryError is an error of the query service, in a server's numbers.
// https://docs.couchbase.com/server/current/n1ql/n1ql-language-reference/n1ql-error-codes.html
type queryError struct {
	code    int
	message string
	again   bool // the client may try again
}

func (e *queryError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.message) }

func queryErrorf(code int, format string, args ...any) *queryError {
	return &queryError{code: code, message: fmt.Sprintf(format, args...)}
}

// status is the HTTP status that goes with the error before any row is sent.
func (e *queryError) status() int {
	switch e.code {
	case 1000:
		return http.StatusForbidden
	case 1050, 1065, 3000:
		return http.StatusBadRequest
	case 1080:
		return http.StatusRequestTimeout
	case 4000, 4040:
		return http.StatusNotFound
	case 4300:
		return http.StatusConflict
	case 10000, 13014:
		return http.StatusUnauthorized
	default:
		return http.StatusInternalServerError
	}
}

// answer writes the error as the whole answer to a request.
func (e *queryError) answer(w http.ResponseWriter, clientContext string) {
	status := "fatal"
	if e.code == 1080 {
		status = "timeout"
	}
	writeJSON(w, e.status(), map[string]any{
		"requestID": requestID(), "clientContextID": clientContext, "status": status,
		"errors": []any{map[string]any{"code": e.code, "msg": e.message, "retry": e.again}},
	})
}
