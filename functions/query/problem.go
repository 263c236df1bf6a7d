package query

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Problem is an error as the API tells it (RFC 9457), with two members of our
// own: code and field.
type Problem struct {
	Type   string       `json:"type" doc:"Always about:blank: title and status say all there is"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail" doc:"What is wrong and what to do, for people"`
	Code   monitor.Code `json:"code" enum:"invalid,not_found,forbidden,conflict,unavailable,internal"`
	Field  string       `json:"field,omitempty" doc:"The input to blame"`

	cause error
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// Unwrap returns the error that the problem was made of; it is for logs.
func (p *Problem) Unwrap() error { return p.cause }

// GetHeaders returns the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header {
	if p.Status != http.StatusServiceUnavailable {
		return nil
	}
	return http.Header{"Retry-After": {retryUnavailable}}
}

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

const (
	problemType      = "application/problem+json"
	retryUnavailable = "5" // seconds
)

func newProblem(status int, code monitor.Code, field, detail string) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, Code: code, Field: field,
	}
}

// problemOf returns what a caller is told of an error: its message where it
// has a code, and nothing of its inside where it has none.
func problemOf(err error) *Problem {
	var known *monitor.Error
	if !errors.As(err, &known) {
		known = &monitor.Error{Code: monitor.CodeOf(err), Message: "something went wrong here; the log says what"}
	}
	p := newProblem(statusOf(known.Code), known.Code, known.Field, known.Message)
	p.cause = err
	return p
}

func statusOf(code monitor.Code) int {
	switch code {
	case monitor.Invalid:
		return http.StatusBadRequest
	case monitor.NotFound:
		return http.StatusNotFound
	case monitor.Forbidden:
		return http.StatusForbidden
	case monitor.Conflict:
		return http.StatusConflict
	case monitor.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// problemOfModel returns what huma found wrong with a request as a Problem:
// the first fault, and the parameter to blame.
func problemOfModel(model *huma.ErrorModel) *Problem {
	status, code := model.Status, monitor.Invalid
	switch {
	case status == http.StatusUnprocessableEntity:
		status = http.StatusBadRequest
	case status >= http.StatusInternalServerError:
		code = monitor.Internal
	}
	p := newProblem(status, code, "", model.Detail)
	if len(model.Errors) > 0 {
		_, p.Field, _ = strings.Cut(model.Errors[0].Location, ".")
		p.Detail = model.Errors[0].Message
	}
	return p
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	body, _ := json.Marshal(p) // plain values always encode
	w.Header().Set("Content-Type", problemType)
	w.Header().Set("Cache-Control", "no-store")
	maps.Copy(w.Header(), p.GetHeaders())
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}
