package couchbasetest

import (
	"net/http"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// statusOf is the HTTP status that goes with an error before any row is sent.
func statusOf(e *sqlpp.Error) int {
	switch e.Code {
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

// answerError writes an error as the whole answer to a request.
func answerError(w http.ResponseWriter, e *sqlpp.Error, clientContext string) {
	status := "fatal"
	if e.Code == 1080 {
		status = "timeout"
	}
	writeJSON(w, statusOf(e), map[string]any{
		"requestID": requestID(), "clientContextID": clientContext, "status": status,
		"errors": []any{map[string]any{"code": e.Code, "msg": e.Message, "retry": e.Again}},
	})
}
