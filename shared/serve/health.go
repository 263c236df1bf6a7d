package serve

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// readyTimeout bounds all checks of one look at readiness.
const readyTimeout = 2 * time.Second

// Health answers /health/liveness and /health/readiness. Use NewHealth.
type Health struct {
	stopping atomic.Bool
	checks   []func(context.Context) error
}

// NewHealth returns a Health that is ready while every check returns nil.
func NewHealth(checks ...func(context.Context) error) *Health {
	return &Health{checks: checks}
}

// Stop makes readiness fail for good.
func (h *Health) Stop() { h.stopping.Store(true) }

// Wrap returns a handler that answers the health paths and leaves the rest to
// the other one.
func (h *Health) Wrap(rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health/liveness", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	})
	mux.HandleFunc("GET /health/readiness", h.readiness)
	mux.Handle("/", rest)
	return mux
}

func (h *Health) readiness(w http.ResponseWriter, request *http.Request) {
	if h.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), readyTimeout)
	defer cancel()
	for _, check := range h.checks {
		if err := check(ctx); err != nil {
			http.Error(w, events.AnswerTo(err).Text, http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
}
