package query

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// healthAnswer is what the health paths say.
type healthAnswer struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

func answerAlive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, healthAnswer{OK: true})
}

// answerReady says whether requests can be answered now. What is wrong with
// the store is said in general: this path is open to everyone.
func (q *Query) answerReady(w http.ResponseWriter, r *http.Request) {
	writeHealth(w, q.readiness(r.Context()))
}

// Ready returns nil if requests can be answered now, else Unavailable with the
// reason.
func (q *Query) Ready(ctx context.Context) error {
	if answer := q.readiness(ctx); !answer.OK {
		return monitor.Errorf(monitor.Unavailable, "%s", answer.Reason)
	}
	return nil
}

func (q *Query) readiness(ctx context.Context) healthAnswer {
	if !q.loaded.Load() {
		return healthAnswer{Reason: "what is stored is still being loaded"}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := q.stored(ctx); err != nil {
		q.log.WarnContext(ctx, "the store is not ready", "error", err)
		return healthAnswer{Reason: "the store does not answer: " + string(monitor.CodeOf(err))}
	}
	return healthAnswer{OK: true}
}

func writeHealth(w http.ResponseWriter, answer healthAnswer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !answer.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
