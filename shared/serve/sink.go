package serve

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	cecontext "github.com/cloudevents/sdk-go/v2/context"
	"github.com/cloudevents/sdk-go/v2/protocol"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// How long and how often an event is offered to the broker. A broker answers
// only when ordered Triggers have acknowledged the event, which may take a
// while. The waits double from twice firstWait on.
const (
	sendTimeout = 120 * time.Second
	sendRetries = 4
	firstWait   = 50 * time.Millisecond
)

// sendAtOnce is how many partition keys of one Emit are sent side by side.
const sendAtOnce = 16

// Sink returns an Emit that sends events to a broker by POST, in binary mode:
// the events of a key one after another, keys side by side. What fails for the
// time being is tried again a few times, by the sender of the CloudEvents SDK.
// Unavailable: the broker did not take an event. Invalid: it never will, or the
// address is no URL.
func Sink(address string) (events.Emit, error) {
	sender, err := cehttp.New(
		cehttp.WithTarget(address),
		cehttp.WithClient(http.Client{
			Timeout:   sendTimeout,
			Transport: &http.Transport{MaxIdleConnsPerHost: 4 * sendAtOnce, IdleConnTimeout: time.Minute},
		}),
		cehttp.WithIsRetriableFunc(events.TriedAgain),
	)
	if err == nil && sender.Target.Host == "" {
		err = errNoHost
	}
	if err != nil {
		return nil, monitor.Wrap(monitor.Invalid, err, "the broker's address %q is no URL", address)
	}
	return func(ctx context.Context, out ...events.Event) error {
		return sendAll(ctx, sender, out)
	}, nil
}

var errNoHost = errors.New("it needs a scheme and a host")

func sendAll(ctx context.Context, sender *cehttp.Protocol, out []events.Event) error {
	if len(out) == 1 {
		return send(ctx, sender, out[0])
	}
	lanes := byKey(out)
	failed := make([]error, len(lanes))
	room := make(chan struct{}, sendAtOnce)
	var sending sync.WaitGroup
	for i, lane := range lanes {
		room <- struct{}{}
		sending.Go(func() {
			defer func() { <-room }()
			for _, e := range lane {
				if failed[i] = send(ctx, sender, e); failed[i] != nil {
					return
				}
			}
		})
	}
	sending.Wait()
	return errors.Join(failed...)
}

// byKey splits events by partition key and keeps the order within each.
func byKey(out []events.Event) [][]events.Event {
	var lanes [][]events.Event
	at := map[string]int{}
	for _, e := range out {
		i, ok := at[e.Key()]
		if !ok {
			i = len(lanes)
			at[e.Key()] = i
			lanes = append(lanes, nil)
		}
		lanes[i] = append(lanes[i], e)
	}
	return lanes
}

func send(ctx context.Context, sender *cehttp.Protocol, e events.Event) error {
	wire, err := e.Wire()
	if err != nil {
		return err
	}
	if err := wire.Validate(); err != nil {
		return monitor.Wrap(monitor.Invalid, err, "the event is no valid CloudEvent")
	}
	result := sender.Send(cecontext.WithRetriesExponentialBackoff(ctx, firstWait, sendRetries), binding.ToMessage(&wire))
	if protocol.IsACK(result) {
		return nil
	}
	return monitor.Wrap(codeOf(result), result, "the broker did not take the event")
}

func codeOf(result protocol.Result) monitor.Code {
	if tried, ok := errors.AsType[*cehttp.RetriesResult](result); ok {
		result = tried.Result
	}
	var answer *cehttp.Result
	if errors.As(result, &answer) && !events.TriedAgain(answer.StatusCode) {
		return monitor.Invalid
	}
	return monitor.Unavailable
}
