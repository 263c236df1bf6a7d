package query

import (
	"encoding/base64"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// cursorOf returns the opaque text that leads behind the place that the parts
// name. No part holds a line break.
func cursorOf(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\n")))
}

// partsOf reads what cursorOf wrote: as many parts as were put in, or none
// for an empty cursor.
func partsOf(cursor string, count int) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), "\n")
	if err != nil || len(parts) != count {
		return nil, badCursor()
	}
	return parts, nil
}

func badCursor() error {
	return monitor.FieldErrorf("cursor", "is not one that this list gave: take the next of an answer, or leave it out")
}
