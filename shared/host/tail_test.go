package host_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestTail chooses what query follows.
func TestTail(t *testing.T) {
	for name, test := range map[string]struct {
		events, address string
		want            string // of the error; "": none
	}{
		"a stream beside http":      {"http", "http://127.0.0.1:1/tail", ""},
		"the topic beside http":     {"http", "kafka", ""},
		"nothing beside http":       {"http", "", "MONITOR_TAIL: must be set where MONITOR_EVENTS is http"},
		"no URL":                    {"http", "tail", "MONITOR_TAIL must be an http URL"},
		"the topic":                 {"kafka", "kafka", ""},
		"the topic without a word":  {"kafka", "", ""},
		"a stream beside the topic": {"kafka", "http://127.0.0.1:1/tail", "MONITOR_TAIL: must be kafka or empty where MONITOR_EVENTS is kafka"},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t, "MONITOR_EVENTS", test.events)
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			err := host.RunWeb(ended, io.Discard, "query", func(env host.Env) (http.Handler, error) {
				tail, err := env.Tail(test.address)
				if (err == nil) != (tail != nil) {
					t.Errorf("got a tail %t and the error %v, want one of them", tail != nil, err)
				}
				return http.NotFoundHandler(), err
			})
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && !errors.Is(err, monitor.Invalid) {
				t.Errorf("got %v, want it to be invalid", err)
			}
		})
	}
}

// TestKafkaWeb follows with one query what another one emits.
func TestKafkaWeb(t *testing.T) {
	onKafka(t)()
	seen := make(chan string, 1)
	incident := func(id string) events.Event {
		return events.New(events.TypeIncidentChanged, events.Head{ID: id, Source: "test", Key: "1"}, &events.IncidentChanged{})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err := host.RunWeb(ctx, io.Discard, "query", func(env host.Env) (http.Handler, error) {
		tail, err := env.Tail("")
		if err != nil {
			return nil, err
		}
		env.Background(func(ctx context.Context) error {
			return tail(ctx, "", func(next events.Tailed) {
				select {
				case seen <- next.Event.ID():
				default:
				}
			})
		})
		env.Background(func(ctx context.Context) error {
			for sent := []string{}; ; {
				sent = append(sent, time.Now().String())
				if err := env.Emit(ctx, incident(sent[len(sent)-1])); err != nil {
					return err
				}
				select {
				case id := <-seen:
					if !slices.Contains(sent, id) {
						t.Errorf("the tail shows the event %q, want one of %q", id, sent)
					}
					stop()
					return nil
				case <-time.After(10 * time.Millisecond):
				case <-ctx.Done():
					return nil
				}
			}
		})
		return http.NotFoundHandler(), nil
	})
	if err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
}
