package main

import (
	"fmt"
	"strings"
)

// ended is in the text of a message whose incident is over.
const ended = " RESOLVED "

// judgeSlack holds what Slack shows to one living message for each incident,
// whose last edit says its last state. A kill between the post of a message and
// its receipt leaves one that nobody edits any more.
func (b *books) judgeSlack(v *verdict) {
	living := map[string][]message{} // in the channel itself, by incident
	for _, m := range b.messages {
		if m.thread == "" {
			living[m.incident] = append(living[m.incident], m)
		}
	}
	var left, several, stale []string
	for _, t := range b.incidents {
		posted := living[t.ID]
		if len(posted) == 0 {
			continue // another line of the ledger speaks of it
		}
		for i := range posted[:len(posted)-1] {
			text := fmt.Sprintf("%s of %s", posted[i].stamp, t.ID)
			if kill := b.killDuring(&posted[i].delivery); kill.aim != "" {
				left = append(left, text)
			} else {
				several = append(several, text)
			}
		}
		if newest := posted[len(posted)-1]; t.toldOfItsEnd() && !strings.Contains(newest.text, ended) {
			stale = append(stale, fmt.Sprintf("%s of %s says %q", newest.stamp, t.ID, newest.text))
		}
	}
	v.count("living messages in Slack", len(living))
	v.count("messages in Slack that a kill left behind", len(left), left...)
	v.promise("messages in Slack beside the living one for no such reason", several)
	v.promise("living messages whose last edit is not the last state", stale)
}

// toldOfItsEnd tells whether Slack has accepted the incident's resolution.
func (t *told) toldOfItsEnd() bool {
	for _, n := range t.notices {
		if n.Change == "resolved" && strings.HasSuffix(n.Channel, "/"+oncall) && !n.Accepted.IsZero() {
			return true
		}
	}
	return false
}
