// Package slack tells incidents to Slack.
//
// With a bot token each incident is one living message: its opening posts it
// (https://docs.slack.dev/reference/methods/chat.postMessage), every later
// change edits it in place (https://docs.slack.dev/reference/methods/chat.update)
// and adds a line to its thread. The edit goes first: it may be repeated, and
// the line that follows is posted once. Where the message cannot be edited any
// more, the line stands in for the edit, and a resolution is shown in the
// conversation as well; where it is gone, the change becomes a new one.
//
// An incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)
// cannot edit: what it is told is posted, each as a message of its own.
package slack

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Timeout is how long one request may take, answer included.
const Timeout = 10 * time.Second

// DefaultAPI is where Slack answers.
const DefaultAPI = slack.APIURL

// CheckAPI returns an Invalid error for what cannot be the URL of an API; the
// field is the setting that holds it.
func CheckAPI(api string) error {
	if at, err := url.Parse(api); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return monitor.FieldErrorf("MONITOR_SLACK_API", "must be an http:// or https:// URL, got %q", api)
	}
	return nil
}

// Resolve returns the text with its secret references filled in for the
// namespace. Its error never holds a secret.
type Resolve func(namespace, text string) (string, error)

// Sender sends to Slack. It may be used by many at once.
type Sender struct {
	api       string
	dashboard string
	resolve   Resolve
	client    *http.Client
}

// New returns a sender that fills in secrets by resolve and speaks to the API
// at the given URL; empty is DefaultAPI. Messages link to the incident's page of
// the dashboard at its URL unless that is empty.
func New(api, dashboard string, resolve Resolve) *Sender {
	if api == "" {
		api = DefaultAPI
	}
	return &Sender{
		api: strings.TrimSuffix(api, "/") + "/", dashboard: strings.TrimSuffix(dashboard, "/"), resolve: resolve,
		client: &http.Client{
			Timeout:       Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Send tells the notice and returns channel/timestamp, Slack's name for the
// living message, with /timestamp of the line in its thread where there is one;
// from an incoming webhook Slack's answer. The delivery's thread is such a
// receipt. The error is Unavailable and safe to show. Where Slack asked for a
// pause, the error has a method RetryAfter.
func (s *Sender) Send(ctx context.Context, delivery monitor.Delivery) (string, error) {
	if delivery.Channel.Slack.Webhook != "" {
		return s.hook(ctx, delivery)
	}
	token, err := s.resolve(delivery.Channel.Namespace, delivery.Channel.Slack.Token)
	if err != nil {
		return "", err
	}
	b := bot{
		client: slack.New(token, slack.OptionAPIURL(s.api), slack.OptionHTTPClient(s.client)),
		notice: &delivery.Notice, dashboard: s.dashboard,
	}
	if r, ok := parseRoot(delivery.Thread); ok {
		receipt, err := b.follow(ctx, r)
		if !gone[codeOf(err)] {
			return receipt, explain(r.conversation, err)
		}
	}
	r, err := b.open(ctx, delivery.Channel.Slack.Channel)
	if err != nil {
		return "", explain(delivery.Channel.Slack.Channel, err)
	}
	return r.String(), nil
}
