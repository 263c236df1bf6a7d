package bus

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxEvent is the largest request that Ingress takes, in bytes.
const maxEvent = 1 << 20

// heartbeat is how often a tail says that it lives.
const heartbeat = 15 * time.Second

// Ingress lets other processes in:
//
//   - POST / emits one CloudEvent: 202 once Emit has returned, 400 for what is
//     no event, 503 where it may work later. At the end it stays open for as
//     long as anything is in hand, so that functions can finish what they do.
//   - GET /tail streams what Tail gives as JSON lines, from ?position= on; see
//     Line.
func (b *Bus) Ingress() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", b.take)
	mux.HandleFunc("GET /tail", b.stream)
	return mux
}

func (b *Bus) take(w http.ResponseWriter, request *http.Request) {
	request.Body = http.MaxBytesReader(w, request.Body, maxEvent)
	received, err := cehttp.NewEventFromHTTPRequest(request)
	if err != nil {
		refuse(w, monitor.Wrap(monitor.Invalid, err, "the request is no CloudEvent"))
		return
	}
	if err := b.counted(request.Context(), b.work.join(), []events.Event{events.FromWire(*received)}); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func refuse(w http.ResponseWriter, err error) {
	answer := events.AnswerTo(err)
	http.Error(w, answer.Text, answer.Status)
}

// Line is one line of GET /tail: an event in the CloudEvents JSON format, or the
// word that events are missing, or, as a heartbeat, neither. Position resumes
// the stream behind the line.
type Line struct {
	Position string          `json:"position"`
	Resync   bool            `json:"resync,omitempty"`
	Event    json.RawMessage `json:"event,omitempty"`
}

// stream writes from one goroutine only: what Tail gives comes through a
// channel, and a reader that is too slow makes Tail resync.
func (b *Bus) stream(w http.ResponseWriter, request *http.Request) {
	ctx, cancel := context.WithCancel(request.Context())
	position := cmp.Or(request.FormValue("position"), b.ring.position(b.ring.end()-1))
	lines := make(chan events.Tailed)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.Tail(ctx, position, func(t events.Tailed) {
			select {
			case lines <- t:
			case <-ctx.Done():
			}
		})
	}()
	defer func() { cancel(); <-ended }()
	w.Header().Set("Content-Type", "application/jsonl")
	out := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	next := Line{Position: position}
	for {
		if err := json.NewEncoder(w).Encode(next); err != nil || out.Flush() != nil {
			return
		}
		select {
		case t := <-lines:
			next = lineOf(t)
		case <-beat.C:
			next = Line{Position: next.Position}
		case <-ctx.Done():
			return
		}
	}
}

// lineOf encodes one event; one that cannot be encoded is passed over.
func lineOf(t events.Tailed) Line {
	out := Line{Position: t.Position, Resync: t.Resync}
	if t.Resync {
		return out
	}
	wire, err := t.Event.Wire()
	if err != nil {
		return out
	}
	if text, err := wire.MarshalJSON(); err == nil {
		out.Event = text
	}
	return out
}
