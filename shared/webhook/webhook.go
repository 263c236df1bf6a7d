// Package webhook tells incident changes to a URL: a CloudEvent in structured
// JSON (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md)
// by POST.
//
// The event's ID is the change's and stays the same when it is sent again; the
// header Idempotency-Key is that ID with the channel's name. Any 2xx answer
// accepts it. Redirects are not followed: a secret goes to the URL that was
// written down, and nowhere else.
package webhook

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Timeout is how long one attempt may take, answer included.
const Timeout = 10 * time.Second

// Resolve returns the text with its secret references filled in for the
// namespace. Its error never holds a secret.
type Resolve func(namespace, text string) (string, error)

// Sender sends to webhooks. It may be used by many at once.
type Sender struct {
	client  *http.Client
	resolve Resolve
}

// New returns a sender that fills in secrets by resolve.
func New(resolve Resolve) *Sender {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSHandshakeTimeout: Timeout,
		IdleConnTimeout:     time.Minute,
		MaxIdleConnsPerHost: 1,
		ForceAttemptHTTP2:   true,
	}
	return &Sender{
		resolve: resolve,
		client: &http.Client{
			Transport:     transport,
			Timeout:       Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Send posts the notice to the channel's URL and returns the status and, where
// the answer names one, its ID for the event. The error is Unavailable and
// safe to show: it holds no part of the URL but its host. Where the receiver
// asked for a pause, the error has a method RetryAfter.
func (s *Sender) Send(ctx context.Context, delivery monitor.Delivery) (string, error) {
	notice := &delivery.Notice
	body, err := Body(&notice.Change)
	if err != nil {
		return "", err
	}
	request, err := s.request(ctx, delivery.Channel, body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Idempotency-Key", notice.Change.ID()+"/"+notice.Channel)
	response, err := s.client.Do(request)
	if err != nil {
		return "", unreachable(request.URL.Hostname(), err)
	}
	defer func() { _ = response.Body.Close() }()
	return receipt(response)
}

func (s *Sender) request(ctx context.Context, channel monitor.Channel, body []byte) (*http.Request, error) {
	address, err := s.resolve(channel.Namespace, channel.Webhook.URL)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil || request.URL.Hostname() == "" {
		return nil, monitor.Errorf(monitor.Unavailable, "the webhook's URL is none once its secrets are filled in: correct the secret")
	}
	for name, text := range channel.Webhook.Headers {
		value, err := s.resolve(channel.Namespace, text)
		if err != nil {
			return nil, err
		}
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/cloudevents+json; charset=UTF-8")
	request.Header.Set("User-Agent", "api-endpoint-monitor")
	return request, nil
}
