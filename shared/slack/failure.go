package slack

import (
	"errors"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// hints say what to do about Slack's error codes
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors,
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors).
var hints = map[string]string{
	"channel_not_found":      "check the channel's ID, and invite the bot if it is private",
	"not_in_channel":         "invite the bot to the channel",
	"is_archived":            "the channel is archived: name another one",
	"channel_is_archived":    "the channel is archived: make a webhook for another one",
	"restricted_action":      "the workspace does not let the bot post there",
	"action_prohibited":      "the workspace does not let the webhook post there",
	"invalid_auth":           "the token is not valid: set a new one",
	"not_authed":             "the token is empty: set it",
	"token_revoked":          "the token was revoked: set a new one",
	"token_expired":          "the token has expired: set a new one",
	"account_inactive":       "the bot was removed from the workspace: install it again",
	"missing_scope":          "give the bot the scope chat:write",
	"no_permission":          "give the bot the scope chat:write",
	"not_allowed_token_type": "use a bot token (xoxb-…)",
	"no_service":             "the webhook was removed or switched off: make a new one",
	"no_active_hooks":        "the webhook was switched off: make a new one",
	"invalid_token":          "the webhook's URL is not valid: set a new one",
	"ratelimited":            "it asks for fewer messages",
}

// errSilent is an answer that neither accepts nor refuses.
var errSilent = monitor.Errorf(monitor.Unavailable, "slack did not take the message and did not say why")

// paused is a failure with Slack's wish for a pause.
type paused struct {
	error
	wait time.Duration
}

func (p *paused) Unwrap() error             { return p.error }
func (p *paused) RetryAfter() time.Duration { return p.wait }

// codeOf returns the code by which Slack refuses; empty where it does not.
func codeOf(err error) string {
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return answer.Err
	}
	return ""
}

// explain makes of a client's error one that is safe and says what to do. The
// channel is Slack's; a webhook has none.
func explain(channel string, err error) error {
	if err == nil || errors.Is(err, errSilent) {
		return err
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return &paused{monitor.Errorf(monitor.Unavailable, "slack asks for a pause of %s", limited.RetryAfter), limited.RetryAfter}
	}
	if code := codeOf(err); code != "" {
		return monitor.Errorf(monitor.Unavailable, "%s", refusal(channel, code))
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

func refusal(channel, code string) string {
	text := "slack refuses the webhook with " + code
	if channel != "" {
		text = "slack refuses channel " + channel + " with " + code
	}
	if hint := hints[code]; hint != "" {
		text += ": " + hint
	}
	return text
}
