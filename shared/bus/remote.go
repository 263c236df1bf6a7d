package bus

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// maxAnswer is how much of an answer's body is read, in bytes.
const maxAnswer = 1 << 20

// headerPrefix marks answer headers that become attributes of a dead letter.
const headerPrefix = "Kne-"

func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: orderedInFlight + unorderedInFlight},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

func checkURL(address string) error {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return monitor.Errorf(monitor.Invalid, "%q is no http URL", address)
	}
	return nil
}

// remote delivers by POST. A 2xx answer acknowledges if its body is empty or an
// event, which is then published. Any other body means that something else than
// a function answered: no other try would help.
func (b *Bus) remote(address string) subscriber {
	return func(ctx context.Context, d *delivery) *failure {
		response, body, err := b.post(ctx, address, d.event)
		if err != nil {
			return &failure{
				answer: events.Answer{Reason: string(monitor.Unavailable)}, to: address, cause: err,
				final: monitor.CodeOf(err) == monitor.Invalid,
			}
		}
		if response.StatusCode/100 != 2 {
			return refused(address, response, string(body), !events.TriedAgain(response.StatusCode))
		}
		if len(body) == 0 {
			return nil
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		reply, err := cehttp.NewEventFromHTTPResponse(response)
		if err == nil {
			err = b.publish(ctx, d.hops+1, []events.Event{events.FromWire(*reply)})
		}
		if err != nil {
			failed := refused(address, response, string(body), true)
			failed.cause = fmt.Errorf("the answer cannot be published: %w", err)
			return failed
		}
		return nil
	}
}

func (b *Bus) post(ctx context.Context, address string, e events.Event) (*http.Response, []byte, error) {
	wire, err := e.Wire()
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return nil, nil, err
	}
	if err := cehttp.WriteRequest(ctx, binding.ToMessage(&wire), request); err != nil {
		return nil, nil, monitor.Wrap(monitor.Invalid, err, "the event cannot be sent")
	}
	response, err := b.options.Client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return response, body, err
}

func refused(address string, response *http.Response, body string, final bool) *failure {
	extensions := map[string]string{}
	for name, values := range response.Header {
		if rest, ok := strings.CutPrefix(name, headerPrefix); ok && isExtension(rest) {
			extensions[strings.ToLower(rest)] = values[0]
		}
	}
	guess := monitor.Unavailable
	if final {
		guess = monitor.Invalid
	}
	reason := cmp.Or(extensions[extensionReason], string(guess))
	return &failure{
		answer: events.Answer{Status: response.StatusCode, Reason: reason, Text: body},
		to:     address, extensions: extensions, final: final,
		cause: fmt.Errorf("%s answered %s: %s", address, response.Status, body[:min(len(body), maxErrorData)]),
	}
}

func isExtension(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}
