// Package telemetry holds what all hosts need to be observed: the logger, the
// names of its keys, and the registry of metrics.
package telemetry

import (
	"io"
	"log/slog"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The keys of log attributes, for all packages.
const (
	KeyAddress    = "address"
	KeyAttempts   = "attempts"
	KeyChanged    = "changed"
	KeyChannel    = "channel"
	KeyChecks     = "checks"
	KeyDeadLetter = "dead_letter_error"
	KeyEndpoint   = "endpoint"
	KeyEndpoints  = "endpoints"
	KeyError      = "error"
	KeyEventID    = "event_id"
	KeyEventType  = "event_type"
	KeyFrom       = "from"
	KeyFunction   = "function"
	KeyIncident   = "incident"
	KeyLag        = "lag"
	KeyLimit      = "limit"
	KeyNextTry    = "next_try"
	KeyOperation  = "operation"
	KeyOthers     = "others"
	KeyPartition  = "partition_key"
	KeyPosition   = "position"
	KeyReason     = "reason"
	KeyRemoved    = "removed"
	KeyRequests   = "requests"
	KeyRows       = "rows"
	KeySequence   = "sequence"
	KeyShard      = "shard"
	KeySlot       = "slot"
	KeySource     = "source"
	KeyStep       = "step"
	KeyTo         = "to"
	KeyTrigger    = "trigger"
	KeyTry        = "try"
)

// NewLogger returns a logger that writes lines to w. Format is text or json,
// level debug, info, warn or error; other words are Invalid.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, monitor.FieldErrorf("MONITOR_LOG_LEVEL", "must be debug, info, warn or error, got %q", level)
	}
	options := &slog.HandlerOptions{Level: least}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, monitor.FieldErrorf("MONITOR_LOG", "must be text or json, got %q", format)
	}
}

// LevelOf returns how loud an error with the code is.
func LevelOf(code monitor.Code) slog.Level {
	switch code {
	case monitor.Invalid, monitor.Unavailable:
		return slog.LevelWarn
	case monitor.NotFound, monitor.Forbidden:
		return slog.LevelInfo
	case monitor.Conflict:
		return slog.LevelDebug
	case monitor.Internal:
		return slog.LevelError
	default:
		return slog.LevelError
	}
}
