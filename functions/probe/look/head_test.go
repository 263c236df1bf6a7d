package look_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestHead(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprint("the beginning of a body is kept, in the room that there is; body kept: ", keep), func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "no ")
				_ = http.NewResponseController(w).Flush()
				_, _ = io.WriteString(w, "upstream"+strings.Repeat(" ", 9000))
			})
			request := get(server.URL)
			request.KeepBody, request.Head = keep, make([]byte, 11)
			answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
			if answer.Fault != "" || string(answer.Head) != "no upstream" || answer.Bytes != 9011 {
				t.Errorf("got %q of %d bytes, fault %q", answer.Head, answer.Bytes, answer.Fault)
			}
		})
		t.Run(fmt.Sprint("of an answer that breaks off it is what came; body kept: ", keep), func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, "no upstr")
			})
			request := get(server.URL)
			request.KeepBody, request.Head = keep, make([]byte, 100)
			answer := newHTTP(t, look.Options{}).Look(t.Context(), request)
			if answer.Fault != monitor.FaultReset || string(answer.Head) != "no upstr" {
				t.Errorf("got %q, fault %q, want what came before the cut", answer.Head, answer.Fault)
			}
		})
	}
}

// TestHeadSaysWhatItIs holds the type of what is kept to being known whatever
// the status, and whether net/http looks or not.
func TestHeadSaysWhatItIs(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=latin1")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "ok")
	})
	eye := newHTTP(t, look.Options{})
	for _, method := range []string{http.MethodGet, http.MethodGet, http.MethodPost} {
		request := get(server.URL)
		request.Method, request.Head = method, make([]byte, 9)
		answer := eye.Look(t.Context(), request)
		if answer.Fault != "" || answer.Type != "text/plain; charset=latin1" || answer.Encoding != "gzip" {
			t.Errorf("%s: got %q and %q, fault %q", method, answer.Type, answer.Encoding, answer.Fault)
		}
	}
}
