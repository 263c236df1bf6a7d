package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	maxLine      = 2 << 20 // bytes
	silence      = 45 * time.Second
	reconnectMin = 100 * time.Millisecond
	reconnectMax = 5 * time.Second
)

// Tail returns an events.Tail that follows the stream that a bus offers at the
// address (its path is /tail). A connection that breaks, or says nothing for
// three heartbeats, is made again from the last position. Invalid: the address
// is no URL.
func Tail(address string, log *slog.Logger) (events.Tail, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return nil, monitor.Errorf(monitor.Invalid, "MONITOR_TAIL must be an http URL such as http://127.0.0.1:8090/tail, got %q", address)
	}
	client := &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: silence}}
	return func(ctx context.Context, position string, receive func(events.Tailed)) error {
		wait := reconnectMin
		for ctx.Err() == nil {
			before := position
			err := follow(ctx, client, parsed, &position, receive)
			if ctx.Err() != nil {
				break
			}
			if position != before {
				wait = reconnectMin
			}
			log.Warn("tail broke, connecting again", telemetry.KeyAddress, address, telemetry.KeyError, err)
			pause(ctx, wait)
			wait = min(2*wait, reconnectMax)
		}
		return nil
	}, nil
}

func pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// follow reads one connection until it ends.
func follow(ctx context.Context, client *http.Client, address *url.URL, position *string, receive func(events.Tailed)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := *address
	query := at.Query()
	query.Set("position", *position)
	at.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream answered %s", response.Status)
	}
	alive := time.AfterFunc(silence, cancel)
	defer alive.Stop()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		alive.Reset(silence)
		next, heartbeat, err := parse(lines.Bytes())
		if err != nil {
			return err
		}
		*position = next.Position
		if !heartbeat {
			receive(next)
		}
	}
	return lines.Err()
}

func parse(text []byte) (next events.Tailed, heartbeat bool, err error) {
	var line struct {
		Position string          `json:"position"`
		Resync   bool            `json:"resync"`
		Event    json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return events.Tailed{}, false, fmt.Errorf("the stream's line is no JSON: %w", err)
	}
	next = events.Tailed{Position: line.Position, Resync: line.Resync}
	if line.Resync || line.Event == nil {
		return next, !line.Resync, nil
	}
	var received cloudevents.Event
	if err := json.Unmarshal(line.Event, &received); err != nil {
		return events.Tailed{}, false, fmt.Errorf("the stream's line holds no event: %w", err)
	}
	next.Event = events.Decoded(events.FromWire(received))
	return next, false, nil
}
