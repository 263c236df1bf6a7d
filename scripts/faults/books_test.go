package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// runOn returns a run whose monitor answers as the handler does.
func runOn(t *testing.T, monitor http.HandlerFunc) *run {
	t.Helper()
	server := httptest.NewServer(monitor)
	t.Cleanup(server.Close)
	return &run{plan: plan{say: t.Logf}, api: api{server.URL}}
}

func page(out http.ResponseWriter, items any) {
	_ = json.NewEncoder(out).Encode(map[string]any{"items": items})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	t.Run("waits until all is over and told", func(t *testing.T) {
		t.Parallel()
		var readings atomic.Int64
		r := runOn(t, func(out http.ResponseWriter, asked *http.Request) {
			if strings.HasSuffix(asked.URL.Path, "/notices") {
				page(out, goodBooks().incidents[0].notices)
				return
			}
			page(out, []incident{{ID: "i", Endpoint: key(0), Open: readings.Add(1) == 1}})
		})
		all, read, err := r.settle(t.Context())
		if err != nil || len(all) != 1 || all[0].Open || read.IsZero() || readings.Load() != 2 {
			t.Errorf("got %+v, read at %v the %d. time, and %v; want it as it was the second time", all, read, readings.Load(), err)
		}
	})
	t.Run("what cannot be read is an error", func(t *testing.T) {
		t.Parallel()
		r := runOn(t, func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusServiceUnavailable) })
		if _, _, err := r.settle(t.Context()); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("got %v, want what the monitor answers", err)
		}
	})
}
