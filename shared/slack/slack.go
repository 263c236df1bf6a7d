// Package slack tells incident changes to Slack conversations by
// chat.postMessage (https://docs.slack.dev/reference/methods/chat.postMessage):
// one message for the opening of an incident and one for its end.
package slack

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Timeout is how long one attempt may take, answer included.
const Timeout = 10 * time.Second

// DefaultAPI is where Slack answers.
const DefaultAPI = slack.APIURL

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
// at the given URL; empty is DefaultAPI. Messages link to the dashboard's URL
// unless it is empty.
func New(api, dashboard string, resolve Resolve) *Sender {
	if api == "" {
		api = DefaultAPI
	}
	return &Sender{
		api: strings.TrimSuffix(api, "/") + "/", dashboard: dashboard, resolve: resolve,
		client: &http.Client{Timeout: Timeout},
	}
}

// Send posts the notice and returns channel/timestamp, Slack's name for the
// message. The error is Unavailable and safe to show. Where Slack asked for a
// pause, the error has a method RetryAfter.
func (s *Sender) Send(ctx context.Context, channel monitor.Channel, notice monitor.Notice) (string, error) {
	token, err := s.resolve(channel.Namespace, channel.Slack.Token)
	if err != nil {
		return "", err
	}
	client := slack.New(token, slack.OptionAPIURL(s.api), slack.OptionHTTPClient(s.client))
	conversation, timestamp, err := client.PostMessageContext(ctx, channel.Slack.Channel,
		slack.MsgOptionText(Text(&notice.Change), false),
		slack.MsgOptionBlocks(blocks(&notice.Change, s.dashboard)...),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	)
	if err != nil {
		return "", explain(channel.Slack.Channel, err)
	}
	if timestamp == "" {
		return "", monitor.Errorf(monitor.Unavailable, "slack did not take the message and did not say why")
	}
	return conversation + "/" + timestamp, nil
}
