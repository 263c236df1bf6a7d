package telemetry_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

func TestNewLogger(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		format, level string
		want          string // in the output; "" for an error
	}{
		"json":             {"json", "info", `"msg":"hello"`},
		"text":             {"text", "warn", ""},
		"text of a debug":  {"text", "debug", "level=INFO msg=hello"},
		"an unknown form":  {"xml", "info", "!MONITOR_LOG: must be text or json"},
		"an unknown level": {"text", "loud", "!MONITOR_LOG_LEVEL: must be debug, info, warn or error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log, err := telemetry.NewLogger(&out, test.format, test.level)
			if fault, ok := strings.CutPrefix(test.want, "!"); ok {
				if !errors.Is(err, monitor.Invalid) || !strings.Contains(err.Error(), fault) {
					t.Errorf("got %v, want invalid: %s", err, fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			log.Info("hello")
			if got := out.String(); !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	telemetry.Metrics(telemetry.NewRegistry()).ServeHTTP(answer, request)
	for _, want := range []string{"go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("/metrics: got none of %q", want)
		}
	}
}
