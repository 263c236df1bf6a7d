package query

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

const (
	heartbeatEvery = 15 * time.Second
	streamLife     = 540 * time.Second // platforms cut requests at 600 s
	streamJitter   = 30 * time.Second  // so that clients do not come back all at once
	writeWithin    = 10 * time.Second
	streamRetry    = "retry: 2000\n\n" // ms
)

func (q *Query) followLive(_ context.Context, in *liveInput) (*huma.StreamResponse, error) {
	for _, id := range in.IDs {
		if namespace, name, found := strings.Cut(id, "/"); !found || namespace == "" || name == "" {
			return nil, monitor.FieldErrorf("ids", "must be keys like namespace/id, separated by commas, got %q", id)
		}
	}
	last := in.LastEventID
	if last == "" {
		last = in.LastID
	}
	one, first := q.hub.join(canonical(in.IDs), last, monitor.At(q.clock()))
	if one == nil {
		return nil, monitor.Errorf(monitor.Unavailable, "this process is stopping: connect again")
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer q.hub.leave(one)
		r, w := humago.Unwrap(ctx)
		header := w.Header()
		header.Set("Content-Type", "text/event-stream")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		life := streamLife - streamJitter + rand.N(2*streamJitter)
		one.stream(r.Context(), w, append([]byte(streamRetry), first...), life)
	}}, nil
}

// stream writes frames until the client goes, is cut, or life is over.
func (c *client) stream(ctx context.Context, w http.ResponseWriter, first []byte, life time.Duration) {
	end := time.NewTimer(life)
	defer end.Stop()
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	out := http.NewResponseController(w)
	for next := first; ; {
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin)) // not all writers have deadlines
		if _, err := w.Write(next); err != nil || out.Flush() != nil {
			return
		}
		select {
		case next = <-c.frames:
		case <-heartbeat.C:
			next = []byte(": \n\n")
		case <-c.cut:
			return
		case <-end.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
