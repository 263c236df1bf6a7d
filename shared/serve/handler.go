package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// maxRequest is the largest request that is taken, in bytes.
const maxRequest = 1 << 20

// HeaderReason is the header of an answer that says why an event was refused.
const HeaderReason = "Kne-Reason"

// Options say how a function is hosted. Emit must be set.
type Options struct {
	Emit     events.Emit
	Timeout  time.Duration         // of one event; 0: 85 s, which suits slots of 10 s
	InFlight int                   // events at a time, beyond which the answer is 429; 0: 128
	Log      *slog.Logger          // nil: no log
	Registry prometheus.Registerer // nil: no metrics
}

// Handler returns an http.Handler that hands CloudEvents to the function.
func Handler(handler events.Handler, options Options) http.Handler {
	if options.Timeout == 0 {
		options.Timeout = 85 * time.Second
	}
	if options.InFlight == 0 {
		options.InFlight = 128
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Registry == nil {
		options.Registry = prometheus.NewRegistry()
	}
	return &function{
		handler: handler, options: options, metrics: newMetrics(options.Registry),
		room: make(chan struct{}, options.InFlight),
	}
}

type function struct {
	handler events.Handler
	options Options
	metrics metrics
	room    chan struct{}
}

// ServeHTTP takes one event.
func (f *function) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	select {
	case f.room <- struct{}{}:
		defer func() { <-f.room }()
	default:
		f.metrics.results.WithLabelValues("busy").Inc()
		w.Header().Set(HeaderReason, string(monitor.Unavailable))
		http.Error(w, "too many events at a time", http.StatusTooManyRequests)
		return
	}
	f.metrics.inFlight.Inc()
	defer f.metrics.inFlight.Dec()
	start := time.Now()
	err := f.take(w, request)
	f.metrics.seconds.Observe(time.Since(start).Seconds())
	if err == nil {
		f.metrics.results.WithLabelValues("handled").Inc()
		w.WriteHeader(http.StatusOK)
		return
	}
	f.metrics.results.WithLabelValues(string(monitor.CodeOf(err))).Inc()
	answer := events.AnswerTo(err)
	w.Header().Set(HeaderReason, answer.Reason)
	http.Error(w, answer.Text, answer.Status)
}

func (f *function) take(w http.ResponseWriter, request *http.Request) error {
	request.Body = http.MaxBytesReader(w, request.Body, maxRequest)
	received, err := cehttp.NewEventFromHTTPRequest(request)
	if err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the request is no CloudEvent of at most %d bytes", maxRequest)
	}
	if err := received.Validate(); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the event is no valid CloudEvent")
	}
	ctx, cancel := context.WithTimeout(request.Context(), f.options.Timeout)
	defer cancel()
	in := events.FromWire(*received)
	if err = call(ctx, f.handler, in, f.options.Emit); err != nil {
		f.options.Log.Log(ctx, telemetry.LevelOf(monitor.CodeOf(err)), "event not handled",
			telemetry.KeyEventType, in.Type(), telemetry.KeyEventID, in.ID(),
			telemetry.KeyPartition, in.Key(), telemetry.KeyError, err)
	}
	return err
}

func call(ctx context.Context, handler events.Handler, in events.Event, emit events.Emit) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = monitor.Wrap(monitor.Internal, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()), "the handler panicked")
		}
	}()
	return handler(ctx, in, emit)
}
