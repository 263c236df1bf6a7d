package serve

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// readyTimeout bounds all checks of one look at readiness.
const readyTimeout = 2 * time.Second

// Health answers /health/liveness and /health/readiness, in JSON: ok and, with
// status 503, the reason. Use NewHealth.
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
	mux.HandleFunc("GET /health/liveness", func(w http.ResponseWriter, _ *http.Request) { answerHealth(w, "") })
	mux.HandleFunc("GET /health/readiness", func(w http.ResponseWriter, r *http.Request) { answerHealth(w, h.unready(r.Context())) })
	mux.Handle("/", rest)
	return mux
}

// unready returns why the process is not ready, or "".
func (h *Health) unready(ctx context.Context) string {
	if h.stopping.Load() {
		return "stopping"
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, check := range h.checks {
		if err := check(ctx); err != nil {
			return events.AnswerTo(err).Text
		}
	}
	return ""
}

func answerHealth(w http.ResponseWriter, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(struct {
		OK     bool   `json:"ok"`
		Reason string `json:"reason,omitempty"`
	}{reason == "", reason})
}
