package slack

import (
	"errors"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// hints say what to do about Slack's error codes
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
var hints = map[string]string{
	"channel_not_found":      "check the channel's ID, and invite the bot if it is private",
	"not_in_channel":         "invite the bot to the channel",
	"is_archived":            "the channel is archived: name another one",
	"restricted_action":      "the workspace does not let the bot post there",
	"invalid_auth":           "the token is not valid: set a new one",
	"not_authed":             "the token is empty: set it",
	"token_revoked":          "the token was revoked: set a new one",
	"token_expired":          "the token has expired: set a new one",
	"account_inactive":       "the bot was removed from the workspace: install it again",
	"missing_scope":          "give the bot the scope chat:write",
	"no_permission":          "give the bot the scope chat:write",
	"not_allowed_token_type": "use a bot token (xoxb-…)",
	"ratelimited":            "it asks for fewer messages",
}

// paused is a failure with Slack's wish for a pause.
type paused struct {
	error
	wait time.Duration
}

func (p *paused) Unwrap() error             { return p.error }
func (p *paused) RetryAfter() time.Duration { return p.wait }

// explain makes of a client's error one that is safe and says what to do.
func explain(channel string, err error) error {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return &paused{monitor.Errorf(monitor.Unavailable, "slack asks for a pause of %s", limited.RetryAfter), limited.RetryAfter}
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		if hint := hints[answer.Err]; hint != "" {
			return monitor.Errorf(monitor.Unavailable, "slack refuses channel %s with %s: %s", channel, answer.Err, hint)
		}
		return monitor.Errorf(monitor.Unavailable, "slack refuses channel %s with %s", channel, answer.Err)
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return monitor.Errorf(monitor.Unavailable, "slack answered %d", status.Code)
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		if wrapped.Timeout() {
			return monitor.Errorf(monitor.Unavailable, "slack did not answer within %s", Timeout)
		}
		return monitor.Wrap(monitor.Unavailable, wrapped.Err, "cannot reach slack")
	}
	return monitor.Errorf(monitor.Unavailable, "slack's answer cannot be read")
}
