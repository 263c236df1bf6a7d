package events

import (
	"errors"
	"net/http"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Answer is what a host tells the broker about an event that its handler could
// not handle. It reaches dead letters, so it holds nothing secret.
type Answer struct {
	Status int    // HTTP
	Reason string // the error's code
	Text   string // for people, maxAnswerText bytes at most, one line
}

// maxAnswerText is how much of an answer Knative keeps in a dead letter.
const maxAnswerText = 1024

// AnswerTo returns the answer to a handler's error. Not found is 400, not 404:
// brokers try a 404 again.
func AnswerTo(err error) Answer {
	code := monitor.CodeOf(err)
	return Answer{Status: status(code), Reason: string(code), Text: text(err)}
}

func status(code monitor.Code) int {
	switch code {
	case monitor.Invalid, monitor.NotFound, monitor.Forbidden:
		return http.StatusBadRequest
	case monitor.Conflict:
		return http.StatusConflict
	case monitor.Unavailable, monitor.Internal:
		return http.StatusServiceUnavailable
	default:
		return http.StatusServiceUnavailable
	}
}

func text(err error) string {
	out := "the event could not be handled; the log says why"
	var known *monitor.Error
	if errors.As(err, &known) && known.Message != "" {
		out = known.Message
		if known.Field != "" {
			out = known.Field + ": " + out
		}
	}
	out = strings.Join(strings.Fields(out), " ")
	return strings.ToValidUTF8(out[:min(len(out), maxAnswerText)], "")
}

// TriedAgain tells whether a broker delivers an event again after this HTTP
// status, as the Knative Kafka broker does.
func TriedAgain(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	default:
		return status >= http.StatusInternalServerError
	}
}
