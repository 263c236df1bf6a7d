package query

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Moment is an instant as the API writes it: RFC 3339 in UTC with
// milliseconds. Zero means "not known" and is left out.
type Moment monitor.Instant

const momentFormat = "2006-01-02T15:04:05.000Z07:00"

// MarshalJSON writes the moment in quotes.
func (m Moment) MarshalJSON() ([]byte, error) {
	return appendMoment(make([]byte, 0, len(momentFormat)+2), m), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Moment) UnmarshalJSON(text []byte) error {
	at, err := time.Parse(`"`+momentFormat+`"`, string(text))
	*m = Moment(monitor.At(at))
	return err
}

// Schema describes the moment in the OpenAPI document.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: "RFC 3339, UTC, milliseconds"}
}

func appendMoment(dst []byte, m Moment) []byte {
	dst = append(dst, '"')
	dst = monitor.Instant(m).Time().AppendFormat(dst, momentFormat)
	return append(dst, '"')
}

// instantOf reads a time that a caller gave: RFC 3339 or Unix milliseconds.
// Empty text gives fallback; other text is Invalid.
func instantOf(field, text string, fallback monitor.Instant) (monitor.Instant, error) {
	if text == "" {
		return fallback, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return monitor.At(at), nil
	}
	if millis, ok := wholeNumber(text); ok {
		return monitor.Instant(millis), nil
	}
	return 0, monitor.FieldErrorf(field, "must be a time in RFC 3339 (2026-01-31T08:00:00Z) or Unix milliseconds, got %q", text)
}
