package serve_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
)

const line = `{"position":"r-%d","event":{"specversion":"1.0","id":"%d","type":"monitor.incident.changed.v1","source":"/s"}}` + "\n"

// TestTailReconnects has a server that breaks off after each event, once with
// half a line.
func TestTailReconnects(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.FormValue("position"))
		switch len(asked) {
		case 1:
			_, _ = fmt.Fprintln(w, `{"position":"r-0"}`)
		case 2:
			_, _ = fmt.Fprintf(w, line+`{"position":"r-2","ev`, 1, 1)
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = fmt.Fprintf(w, line, 2, 2)
		}
	}))
	t.Cleanup(server.Close)
	tail, err := serve.Tail(server.URL+"/tail", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var ids []string
	err = tail(ctx, "", func(got events.Tailed) {
		ids = append(ids, got.Event.ID())
		if got.Position == "r-2" {
			cancel()
		}
	})
	if err != nil {
		t.Errorf("tail: got %v, want nil", err)
	}
	if diff := cmp.Diff([]string{"1", "2"}, ids); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "r-0", "r-1", "r-1"}, asked); diff != "" {
		t.Errorf("positions asked for (-want +got):\n%s", diff)
	}
}

func TestTailAddress(t *testing.T) {
	t.Parallel()
	if _, err := serve.Tail("topic", slog.New(slog.DiscardHandler)); !errors.Is(err, monitor.Invalid) {
		t.Errorf("got %v, want invalid", err)
	}
}
