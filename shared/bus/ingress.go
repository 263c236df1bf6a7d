package bus

import (
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
//     no event, 503 where it may work later.
//   - GET /tail streams what Tail gives as JSON lines, from ?position= on; see
//     Line. An empty line is a heartbeat.
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
	if err := b.Emit(request.Context(), events.FromWire(*received)); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func refuse(w http.ResponseWriter, err error) {
	answer := events.AnswerTo(err)
	http.Error(w, answer.Text, answer.Status)
}

// Line is one line of GET /tail: a position, and behind it an event in the
// CloudEvents JSON format or the word that events are missing.
type Line struct {
	Position string          `json:"position"`
	Resync   bool            `json:"resync,omitempty"`
	Event    json.RawMessage `json:"event,omitempty"`
}

// stream writes from one goroutine only: what Tail gives comes through a
// channel, and a reader that is too slow makes Tail resync.
func (b *Bus) stream(w http.ResponseWriter, request *http.Request) {
	ctx, cancel := context.WithCancel(request.Context())
	lines := make(chan events.Tailed)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = b.Tail(ctx, request.FormValue("position"), func(t events.Tailed) {
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
	text := []byte("\n")
	for {
		if _, err := w.Write(text); err != nil || out.Flush() != nil {
			return
		}
		select {
		case t := <-lines:
			text = line(t)
		case <-beat.C:
			text = []byte("\n")
		case <-ctx.Done():
			return
		}
	}
}

// line encodes one event; one that cannot be encoded is passed over.
func line(t events.Tailed) []byte {
	out := Line{Position: t.Position, Resync: t.Resync}
	if !t.Resync {
		wire, err := t.Event.Wire()
		if err != nil {
			return []byte("\n")
		}
		if out.Event, err = wire.MarshalJSON(); err != nil {
			return []byte("\n")
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return []byte("\n")
	}
	return append(text, '\n')
}
