package slack

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Slack takes 150 characters in a header and 3,000 in another text, counted
// after escaping, which makes at most five of one. These bounds keep the words
// of one message well below and quick to read.
const (
	maxHeader = 150
	maxName   = 75
	maxReason = 400
	maxURL    = 300
)

// Text returns the message as one plain line: what a notification shows, and a
// client without blocks.
func Text(change *monitor.IncidentChange) string {
	of := &change.Incident
	if change.Change == monitor.Resolved {
		return fmt.Sprintf("%s (%s): %s", headline(change), escape(of.Namespace, maxName), escape(change.Transition.Reason, maxReason))
	}
	return fmt.Sprintf("%s (%s): %s, since %s, %s", headline(change), escape(of.Namespace, maxName),
		escape(of.Reason, maxReason), utc(of.Started), escape(change.URL, maxURL))
}

func blocks(change *monitor.IncidentChange, dashboard string) []slack.Block {
	header := slack.NewTextBlockObject(slack.PlainTextType, headline(change), false, false)
	return []slack.Block{
		slack.NewHeaderBlock(header),
		slack.NewSectionBlock(markdown(account(change)), nil, nil),
		slack.NewContextBlock("", markdown(origin(change, dashboard))),
	}
}

// headline is what must be seen at once: the state, the name, and at the end
// how long it took.
func headline(change *monitor.IncidentChange) string {
	of := &change.Incident
	text := "🔴 DOWN  " + escape(of.Name, maxName)
	if change.Change == monitor.Resolved {
		text = ending(change) + escape(of.Name, maxName) + " after " + span(of.Ended.Sub(of.Started))
	}
	return bounded(text, maxHeader)
}

// ending tells a recovery, for which checks speak, from an incident that ended
// because nobody watches the endpoint any more.
func ending(change *monitor.IncidentChange) string {
	if len(change.Transition.Evidence) == 0 {
		return "⚪ ENDED  "
	}
	return "🟢 RESOLVED  "
}

// account says what fails, why, since when and where.
func account(change *monitor.IncidentChange) string {
	of := &change.Incident
	var lines []string
	if change.Change == monitor.Resolved {
		lines = []string{
			"*" + escape(change.Transition.Reason, maxReason) + "*",
			"*Was:* " + cause(of.Reason, of.Fault),
			"*Down:* " + date(of.Started) + " to " + date(of.Ended),
		}
	} else {
		lines = []string{
			"*" + escape(of.Reason, maxReason) + "*",
			"*Since:* " + date(of.Started),
		}
		if words := faults[of.Fault]; words != "" {
			lines = append(lines, "*Why:* "+words)
		}
	}
	if change.URL != "" {
		lines = append(lines, "*URL:* "+link(change.URL, ""))
	}
	return strings.Join(lines, "\n")
}

func cause(reason string, fault monitor.Fault) string {
	text := escape(reason, maxReason)
	if words := faults[fault]; words != "" {
		text += " (" + words + ")"
	}
	return text
}

// origin is what helps to look further.
func origin(change *monitor.IncidentChange, dashboard string) string {
	of := &change.Incident
	parts := []string{"namespace " + escape(of.Namespace, maxName), "endpoint " + escape(of.Endpoint, 2*maxName), "incident " + escape(of.ID, maxName)}
	if dashboard != "" {
		parts = append(parts, link(dashboard, "dashboard"))
	}
	return strings.Join(parts, "  ·  ")
}

// faults are the causes in plain words.
var faults = map[monitor.Fault]string{
	monitor.FaultDNS:         "the name does not resolve",
	monitor.FaultRefused:     "nothing listens there",
	monitor.FaultUnreachable: "there is no route to the host",
	monitor.FaultReset:       "the connection was cut",
	monitor.FaultTLS:         "no safe connection: look at its certificate",
	monitor.FaultTimeout:     "no whole answer in time",
	monitor.FaultProtocol:    "the answer is no HTTP",
	monitor.FaultRedirects:   "too many redirects",
	monitor.FaultExpectation: "it answers, but not as expected",
}

// markdown is verbatim: Slack makes no links or mentions of the words in it.
func markdown(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// link shows the label, or the address itself where there is none.
func link(address, label string) string {
	shown := escape(address, maxURL)
	parsed, err := url.Parse(address)
	if err != nil || len(address) > maxURL || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.ContainsAny(address, "| ") {
		return shown
	}
	if label == "" {
		return "<" + shown + ">"
	}
	return "<" + shown + "|" + label + ">"
}

// date is shown in the reader's own time zone, and in UTC where it cannot be.
func date(at monitor.Instant) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time_secs}|%s>", at.Time().Unix(), utc(at))
}

func utc(at monitor.Instant) string { return at.Time().Format("2006-01-02 15:04:05 UTC") }

// span writes two units at most: 4m 12s, 3h 5m, 2d 1h.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%dd %dh", int(d.Hours())/24, int(d.Hours())%24)
	}
}
