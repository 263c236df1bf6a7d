package slack

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Slack takes 150 characters in a header, 2,000 in a field and 3,000 in another
// text. These bounds, of texts as they are escaped, keep the words of one
// message well below and quick to read.
const (
	maxHeader = 150
	maxName   = 75
	maxReason = 400
	maxValue  = 100
	maxTold   = 300
	maxURL    = 300
)

// message is what is posted: a headline, and under it, beside a bar in the
// colour of the incident's state, the account of it.
type message struct {
	text        string // what a notification shows, and a client without blocks
	blocks      []slack.Block
	attachments []slack.Attachment
}

func (m *message) options() slack.MsgOption {
	return slack.MsgOptionCompose(
		slack.MsgOptionText(m.text, false),
		slack.MsgOptionBlocks(m.blocks...),
		slack.MsgOptionAttachments(m.attachments...),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	)
}

// messageOf returns the living message as it stands after the change.
func messageOf(change *monitor.IncidentChange, dashboard string) *message {
	account := []slack.Block{
		slack.NewSectionBlock(markdown(summary(change, dashboard)), nil, nil),
		slack.NewSectionBlock(nil, facts(change), nil),
	}
	if missed := unmet(first(change).Saw.Unmet); missed != "" {
		account = append(account, slack.NewSectionBlock(markdown(missed), nil, nil))
	}
	account = append(account, slack.NewContextBlock("", markdown(origin(change))))
	header := slack.NewTextBlockObject(slack.PlainTextType, headline(change), false, false)
	return &message{
		text:        Text(change),
		blocks:      []slack.Block{slack.NewHeaderBlock(header)},
		attachments: []slack.Attachment{{Color: faceOf(change).color, Blocks: slack.Blocks{BlockSet: account}}},
	}
}

// lineOf returns the line that the change adds to the thread.
func lineOf(change *monitor.IncidentChange) *message {
	of := &change.Incident
	parts := []string{faceOf(change).word + " since " + date(change.Transition.At), escape(change.Transition.Reason, maxReason)}
	if change.Change == monitor.Resolved {
		parts[0] = faceOf(change).word + " after " + span(of.Ended.Sub(of.Started)) + ", " + date(of.Ended)
	}
	if numbers := numbers(&change.Tally); numbers != "" {
		parts = append(parts, numbers)
	}
	return &message{
		text:   Text(change),
		blocks: []slack.Block{slack.NewSectionBlock(markdown(strings.Join(parts, "\n")), nil, nil)},
	}
}

// Text returns the change as one plain line.
func Text(change *monitor.IncidentChange) string {
	of := &change.Incident
	line := fmt.Sprintf("%s (%s): %s", headline(change), escape(of.Namespace, maxName), escape(change.Transition.Reason, maxReason))
	if change.Change == monitor.Resolved {
		return line
	}
	return line + ", since " + utc(change.Transition.At) + ", " + escape(change.URL, maxURL)
}

// face is how a state looks: by shape and word first, by colour last.
type face struct{ word, color string }

var faces = map[monitor.Health]face{
	monitor.Down:     {"🔴 DOWN", "#c62828"},
	monitor.Degraded: {"🟡 DEGRADED", "#f9a825"},
	monitor.Unknown:  {"⚫ UNKNOWN", "#616161"},
	monitor.Up:       {"🟢 RESOLVED", "#2e7d32"},
}

// faceOf tells a recovery, for which checks speak, from an incident that ended
// because nobody watches the endpoint any more.
func faceOf(change *monitor.IncidentChange) face {
	if change.Change == monitor.Resolved && len(change.Transition.Evidence) == 0 {
		return face{"⚪ ENDED", "#616161"}
	}
	return faces[change.Transition.To]
}

// headline is what must be seen at once: the state, the name, and at the end
// how long it took.
func headline(change *monitor.IncidentChange) string {
	of := &change.Incident
	text := faceOf(change).word + "  " + escape(of.Name, maxName)
	if change.Change == monitor.Resolved {
		text += " after " + span(of.Ended.Sub(of.Started))
	}
	return bounded(text, maxHeader)
}

// summary says what is the matter now, why it began, and where to look.
func summary(change *monitor.IncidentChange, dashboard string) string {
	of := &change.Incident
	lines := []string{"*" + escape(change.Transition.Reason, maxReason) + "*"}
	if change.Change != monitor.Opened {
		lines = append(lines, "*Began with:* "+escape(of.Reason, maxReason))
	}
	if words := faults[of.Fault]; words != "" {
		lines = append(lines, "*Why:* "+words)
	}
	if change.URL != "" {
		lines = append(lines, "*URL:* "+link(change.URL, ""))
	}
	if dashboard != "" {
		lines = append(lines, link(dashboard+"/incidents/"+of.ID, "Open the incident in the dashboard"))
	}
	return strings.Join(lines, "\n")
}

// facts stand in two columns.
func facts(change *monitor.IncidentChange) []*slack.TextBlockObject {
	of := &change.Incident
	since := fact("Since", date(of.Started))
	if of.Ended > 0 {
		since = fact("Down", date(of.Started)+" to "+date(of.Ended))
	}
	list := []*slack.TextBlockObject{since, fact("First failing check", sight(first(change).Saw))}
	if numbers := numbers(&change.Tally); numbers != "" {
		list = append(list, fact("In numbers", numbers))
	}
	if len(change.Channels) > 0 {
		list = append(list, fact("Told", escape(strings.Join(change.Channels, ", "), maxTold)))
	}
	return list
}

func fact(name, value string) *slack.TextBlockObject { return markdown("*" + name + "*\n" + value) }

// first returns the transition that opened the incident.
func first(change *monitor.IncidentChange) *monitor.Transition {
	if len(change.Incident.Timeline) > 0 {
		return &change.Incident.Timeline[0]
	}
	return &change.Transition
}

func sight(saw monitor.Sight) string {
	answer := "no whole answer"
	if saw.Status > 0 {
		answer = fmt.Sprintf("HTTP %d", saw.Status)
	}
	return answer + " in " + brief(saw.Micros)
}

// numbers sums the outage up.
func numbers(tally *monitor.Tally) string {
	if tally.Checks == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d checks failed, the last took %s", tally.Failed, tally.Checks, brief(tally.Micros))
}

func unmet(missed []monitor.Unmet) string {
	lines := make([]string, 0, len(missed))
	for _, one := range missed {
		lines = append(lines, fmt.Sprintf("•  %s: expected %s, got %s",
			escape(one.Expectation, maxValue), escape(one.Want, maxValue), escape(cmp.Or(one.Got, "nothing"), maxValue)))
	}
	return strings.Join(lines, "\n")
}

// origin is what helps to look further.
func origin(change *monitor.IncidentChange) string {
	of := &change.Incident
	parts := []string{"namespace " + escape(of.Namespace, maxName), "endpoint " + escape(of.Endpoint, 2*maxName), "incident " + escape(of.ID, maxName)}
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
	monitor.FaultProxy:       "its proxy is no way to it",
	monitor.FaultExpectation: "it answers, but not as expected",
}
