package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// hook posts to an incoming webhook.
func (s *Sender) hook(ctx context.Context, delivery monitor.Delivery) (string, error) {
	address, err := s.resolve(delivery.Channel.Namespace, delivery.Channel.Slack.Webhook)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(messageOf(&delivery.Notice.Change, s.dashboard).hooked())
	if err != nil {
		return "", monitor.Wrap(monitor.Internal, err, "write the message")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil || request.URL.Hostname() == "" {
		return "", monitor.Errorf(monitor.Unavailable, "slack's webhook is no URL once its secrets are filled in: correct the secret")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := s.client.Do(request)
	if err != nil {
		return "", explain("", err)
	}
	defer func() { _ = response.Body.Close() }()
	return hooked(response)
}

// word is what Slack answers a webhook with: ok, or the code of an error.
var word = regexp.MustCompile(`^[a-z_]{1,60}$`)

// hooked judges a webhook's answer.
func hooked(response *http.Response) (string, error) {
	text, _ := io.ReadAll(io.LimitReader(response.Body, 100)) // the status has been said already
	switch {
	case response.StatusCode == http.StatusOK && word.Match(text):
		return string(text), nil
	case response.StatusCode == http.StatusOK:
		return "200", nil
	case response.StatusCode == http.StatusTooManyRequests:
		wait, _ := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 31)
		return "", explain("", &slack.RateLimitedError{RetryAfter: time.Duration(wait) * time.Second})
	case word.Match(text):
		return "", explain("", slack.SlackErrorResponse{Err: string(text)})
	default:
		return "", explain("", slack.StatusCodeError{Code: response.StatusCode})
	}
}

// hooked returns the message as an incoming webhook takes it.
func (m *message) hooked() *slack.WebhookMessage {
	no := false
	return &slack.WebhookMessage{
		Text: m.text, Blocks: &slack.Blocks{BlockSet: m.blocks}, Attachments: m.attachments, UnfurlLinks: &no, UnfurlMedia: &no,
	}
}
