package slack

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// bot tells one notice with a bot token. Its errors are the client's.
type bot struct {
	client    *slack.Client
	notice    *monitor.Notice
	dashboard string
}

// root names the message that tells an incident.
type root struct{ conversation, timestamp string }

func (r root) String() string { return r.conversation + "/" + r.timestamp }

// receipts begin with the root: C0123456/1700000000.000100.
var receipts = regexp.MustCompile(`^([A-Z0-9]+)/([0-9]+\.[0-9]+)(/|$)`)

func parseRoot(receipt string) (root, bool) {
	parts := receipts.FindStringSubmatch(receipt)
	if parts == nil {
		return root{}, false
	}
	return root{parts[1], parts[2]}, true
}

// What Slack may answer to an edit or a reply.
var (
	// gone: the message, or the way to it, is no more.
	gone = map[string]bool{
		"message_not_found": true, "channel_not_found": true, "not_in_channel": true, "is_archived": true, "is_inactive": true,
	}
	// fixed: the message is there but may not be edited.
	fixed = map[string]bool{"cant_update_message": true, "edit_window_closed": true}
	// closed: nothing may be added to its thread.
	closed = map[string]bool{
		"cannot_reply_to_message": true, "thread_locked": true, "restricted_action_thread_locked": true,
		"restricted_action_thread_only_channel": true, "restricted_action_non_threadable_channel": true,
	}
)

// open posts the living message. An earlier attempt may have posted it without
// our knowing: it is looked for first.
func (b *bot) open(ctx context.Context, conversation string) (root, error) {
	if lost, ok := b.posted(ctx, conversation); ok {
		return root{conversation, lost}, nil
	}
	shown := messageOf(&b.notice.Change, b.dashboard)
	to, timestamp, err := b.client.PostMessageContext(ctx, conversation, shown.options(), b.mark())
	if err == nil && timestamp == "" {
		err = errSilent
	}
	return root{to, timestamp}, err
}

// follow edits the living message and adds a line to its thread. Where the edit
// is refused for good, the line has to be seen: a resolution then shows in the
// conversation as well.
func (b *bot) follow(ctx context.Context, r root) (string, error) {
	shown := messageOf(&b.notice.Change, b.dashboard)
	_, _, _, err := b.client.UpdateMessageContext(ctx, r.conversation, r.timestamp, shown.options())
	edited := err == nil
	if !edited && !fixed[codeOf(err)] {
		return "", err
	}
	line, err := b.reply(ctx, r, !edited && b.notice.Change.Change == monitor.Resolved)
	switch {
	case err == nil:
		return r.String() + "/" + line, nil
	case closed[codeOf(err)] && edited:
		return r.String(), nil
	case closed[codeOf(err)]:
		return "", slack.SlackErrorResponse{Err: "message_not_found"}
	default:
		return "", err
	}
}

func (b *bot) reply(ctx context.Context, r root, broadcast bool) (string, error) {
	if lost, ok := b.replied(ctx, r); ok {
		return lost, nil
	}
	options := []slack.MsgOption{lineOf(&b.notice.Change).options(), b.mark(), slack.MsgOptionTS(r.timestamp)}
	if broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	_, timestamp, err := b.client.PostMessageContext(ctx, r.conversation, options...)
	if err == nil && timestamp == "" {
		err = errSilent
	}
	return timestamp, err
}

// eventType and payloadKey are where a message says which notice it tells
// (https://docs.slack.dev/messaging/message-metadata).
const (
	eventType  = "monitor_incident_changed"
	payloadKey = "notice"
)

func (b *bot) name() string { return b.notice.Change.ID() + "/" + b.notice.Channel }

func (b *bot) mark() slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: eventType, EventPayload: map[string]any{payloadKey: b.name()},
	})
}

const (
	searched  = 100         // messages that are looked through
	clockSkew = time.Minute // between us and Slack
)

// since is where a message of this notice would begin to be found.
func (b *bot) since() string {
	return strconv.FormatInt(b.notice.Created.Add(-clockSkew).Time().Unix(), 10) + ".000000"
}

// posted looks for a message that an attempt before this one has left. A token
// that may not read finds none.
func (b *bot) posted(ctx context.Context, conversation string) (timestamp string, found bool) {
	if b.notice.Attempts < 2 {
		return "", false
	}
	answer, err := b.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: conversation, Oldest: b.since(), Limit: searched, IncludeAllMetadata: true,
	})
	if err != nil {
		return "", false
	}
	return b.among(answer.Messages)
}

func (b *bot) replied(ctx context.Context, r root) (timestamp string, found bool) {
	if b.notice.Attempts < 2 {
		return "", false
	}
	messages, _, _, err := b.client.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: r.conversation, Timestamp: r.timestamp, Oldest: b.since(), Limit: searched, IncludeAllMetadata: true,
	})
	if err != nil {
		return "", false
	}
	return b.among(messages)
}

func (b *bot) among(messages []slack.Message) (timestamp string, found bool) {
	for i := range messages {
		said := &messages[i].Metadata
		if said.EventType == eventType && said.EventPayload[payloadKey] == b.name() {
			return messages[i].Timestamp, true
		}
	}
	return "", false
}
