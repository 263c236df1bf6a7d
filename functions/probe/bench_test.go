package probe_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
)

// BenchmarkLook makes one check on a kept connection; the server's share of
// the time is in it.
func BenchmarkLook(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	}))
	defer server.Close()
	look := probe.NewHTTP(probe.HTTPOptions{})
	defer look.Close()
	b.ReportAllocs()
	head := make([]byte, probe.Head)
	for b.Loop() {
		request := get(server.URL)
		request.Head = head
		if answer := look.Look(b.Context(), request); answer.Fault != "" {
			b.Fatal(answer.Reason)
		}
	}
}
