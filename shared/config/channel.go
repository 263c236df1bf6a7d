package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
)

func (l *loader) channel(node *yaml.Node, namespace string) {
	fields := l.fields(node, "a channel", "name", "slack", "webhook")
	if fields == nil {
		return
	}
	c := monitor.Channel{Namespace: namespace}
	named := false
	if fields["name"] == nil {
		l.fault(node, "write name: …", "a channel needs a name")
	} else {
		c.Name, named = l.id(fields["name"], "a channel's name")
	}
	slack, webhook := fields["slack"], fields["webhook"]
	switch {
	case (slack == nil) == (webhook == nil):
		l.fault(node, "write one of them", "a channel must be either slack or webhook")
	case slack != nil:
		c.Slack = l.slack(slack, namespace)
	default:
		c.Webhook = l.webhook(webhook, namespace)
	}
	if !named {
		return
	}
	if other, twice := l.channels[c.Key()]; twice {
		l.fault(node, "rename one of them", "channel %s stands twice, first in %s:%d", c.Key(), other.at.file, other.at.node.Line)
		return
	}
	l.channels[c.Key()] = defined[monitor.Channel]{c, place{l.file, node}}
}

// conversation is an ID such as C0123456, or a name such as #alerts.
var conversation = regexp.MustCompile(`^#?[\p{L}\p{N}._-]{1,80}$`)

// slack reads a bot's token with its channel, or an incoming webhook.
func (l *loader) slack(node *yaml.Node, namespace string) *monitor.Slack {
	fields := l.fields(node, "slack", "token", "channel", "webhook")
	if fields["webhook"] == nil {
		return l.bot(node, fields, namespace)
	}
	for _, key := range []string{"token", "channel"} {
		if fields[key] != nil {
			l.fault(fields[key], "leave out either the webhook, or the token and the channel", "slack has either a webhook or a token and a channel")
		}
	}
	url := l.secretURL(fields["webhook"], "webhook", namespace)
	if names, err := secret.Names(url); url != "" && err == nil && len(names) == 0 {
		l.fault(fields["webhook"], `write webhook: "${HOOK_URL}", and the URL where secrets are kept`, "webhook must be a secret reference")
	}
	return &monitor.Slack{Webhook: url}
}

func (l *loader) bot(node *yaml.Node, fields map[string]*yaml.Node, namespace string) *monitor.Slack {
	var slack monitor.Slack
	if fields["token"] == nil {
		l.fault(node, `write token: "${SLACK_TOKEN}", or webhook: "${HOOK_URL}" in place of both`, "slack needs a token")
	} else if text, ok := l.text(fields["token"], "token", 200); ok {
		slack.Token = text
		if names, err := secret.Names(text); err == nil && len(names) == 0 {
			l.fault(fields["token"], `write token: "${SLACK_TOKEN}", and the token where secrets are kept`, "token must be a secret reference")
		}
		l.secrets(fields["token"], namespace, text)
	}
	if fields["channel"] == nil {
		l.fault(node, "write channel: C0123456, the ID at the end of the channel's details", "slack needs a channel")
	} else if text, ok := l.text(fields["channel"], "channel", 100); ok {
		slack.Channel = text
		if !conversation.MatchString(text) {
			l.fault(fields["channel"], "write its ID, such as C0123456", "%q is no channel of Slack", text)
		}
	}
	return &slack
}

func (l *loader) webhook(node *yaml.Node, namespace string) *monitor.Webhook {
	fields := l.fields(node, "webhook", "url", "headers")
	webhook := &monitor.Webhook{Headers: l.headers(fields["headers"], namespace)}
	if fields["url"] == nil {
		l.fault(node, "write url: https://…", "webhook needs a url")
		return webhook
	}
	webhook.URL = l.secretURL(fields["url"], "url", namespace)
	return webhook
}

// secretURL reads a URL that may hold secret references, or be one.
func (l *loader) secretURL(node *yaml.Node, name, namespace string) string {
	text, ok := l.text(node, name, maxURL)
	if !ok {
		return ""
	}
	l.secrets(node, namespace, text)
	if !strings.HasPrefix(text, "${") {
		l.url(node, withoutSecrets(text))
	}
	return text
}

// withoutSecrets puts a digit in the place of each reference, so that the rest
// of the URL can be checked.
func withoutSecrets(text string) string {
	filler := secret.Resolver{Env: func(string) (string, bool) { return "1", true }}
	if filled, err := filler.Resolve("any", text); err == nil {
		return filled
	}
	return text
}
