package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// receiptTime is how long after its acceptance a notice may have no receipt.
const receiptTime = time.Second

// line of one channel: the deliveries of one incident, or of one change of it.
type thread struct{ channel, incident, what string }

// judgeNotices compares what was to be told with what was told.
func (b *books) judgeNotices(v *verdict) {
	taken := map[thread][]delivery{}
	for _, d := range b.deliveries {
		of := thread{d.channel, d.incident, d.what}
		taken[of] = append(taken[of], d)
	}
	known := map[string]bool{}
	var lost []string
	waited, expected, held := 0, 0, 0
	for _, t := range b.incidents {
		known[t.ID] = true
		expected += len(changes()) * len(channels())
		if t.held(b.read, b.lives) && t.pending() {
			held++
		} else {
			lost = append(lost, t.untold(taken)...)
		}
		for _, n := range t.notices {
			if b.stopBetween(n.Created, n.Accepted) {
				waited++
			}
		}
	}
	var invented, doubled, excused []string
	for of, list := range taken {
		if !known[of.incident] {
			invented = append(invented, fmt.Sprintf("%s to %s, %q", of.incident, of.channel, of.what))
		}
		for i := range list[1:] {
			text := fmt.Sprintf("%s of %s to %s, %s", of.what, of.incident, of.channel, clock(list[i].accepted))
			if kill := b.killDuring(&list[i]); kill.aim != "" {
				excused = append(excused, fmt.Sprintf("%s: in flight at the kill of %s (%s)", text, clock(kill.at), kill.aim))
			} else {
				doubled = append(doubled, text)
			}
		}
	}
	slices.Sort(excused)
	v.count("notices that were to be told", expected, fmt.Sprintf("%d of them waited over a kill or a stop, %d attempts were refused", waited, b.refused))
	v.count("notices that were accepted", len(b.deliveries))
	v.count("incidents whose notices wait for the lease of a killed attempt", held)
	v.promise("notices that are lost", lost)
	v.promise("notices of incidents that are not stored", invented)
	v.promise("notices out of order", disorder(taken))
	v.count("notices doubled between acceptance and receipt", len(excused), excused...)
	v.promise("notices doubled for no such reason", doubled)
	v.promise("requests to those who are told that make no sense", b.bad)
}

// untold returns what was not told of the incident, by the receipts or by
// those who were to be told.
func (t *told) untold(taken map[thread][]delivery) []string {
	var cases []string
	for _, channel := range channels() {
		for _, change := range changes() {
			index := slices.IndexFunc(t.notices, func(n notice) bool { return n.Change == change && strings.HasSuffix(n.Channel, "/"+channel) })
			what := thread{channel, t.ID, change}
			switch {
			case index < 0:
				cases = append(cases, fmt.Sprintf("%s of %s to %s: there is no notice", change, t.ID, channel))
			case t.notices[index].Accepted.IsZero():
				cases = append(cases, fmt.Sprintf("%s of %s to %s: no receipt", change, t.ID, channel))
			case channel == oncall && !anyOf(taken, channel, t.ID), channel != oncall && len(taken[what]) == 0:
				cases = append(cases, fmt.Sprintf("%s of %s to %s: there is a receipt, but nobody was told", change, t.ID, channel))
			}
		}
	}
	return cases
}

func anyOf(taken map[thread][]delivery, channel, incident string) bool {
	for of := range taken {
		if of.channel == channel && of.incident == incident {
			return true
		}
	}
	return false
}

// disorder returns the webhook's incidents whose end was told before their
// opening.
func disorder(taken map[thread][]delivery) []string {
	var cases []string
	for of, list := range taken {
		if of.what != "resolved" {
			continue
		}
		openings := taken[thread{of.channel, of.incident, "opened"}]
		if len(openings) == 0 || openings[0].accepted.After(list[0].accepted) {
			cases = append(cases, fmt.Sprintf("%s to %s", of.incident, of.channel))
		}
	}
	return cases
}

// killDuring returns the kill that came when the delivery had begun and its
// receipt was not written yet.
func (b *books) killDuring(d *delivery) stop {
	of := b.lifeAt(d.began)
	if of < 0 || b.lives[of].stop.clean || b.lives[of].stop.at.After(d.accepted.Add(receiptTime)) {
		return stop{}
	}
	return b.lives[of].stop
}
