package main

import (
	"fmt"
	"slices"
	"strings"
)

// line is one line of the verdict.
type line struct {
	what     string
	count    int
	promised bool // the count must be 0
	notes    []string
}

// verdict is the ledger: what was counted, and what of it breaks a promise.
type verdict struct{ lines []line }

// count notes a figure that is only shown.
func (v *verdict) count(what string, count int, notes ...string) {
	v.lines = append(v.lines, line{what: what, count: count, notes: notes})
}

// promise notes what must not be; there is one case for each fault.
func (v *verdict) promise(what string, cases []string) {
	v.lines = append(v.lines, line{what: what, count: len(cases), promised: true, notes: cases})
}

func (v *verdict) broken() int {
	broken := 0
	for _, l := range v.lines {
		if l.promised && l.count > 0 {
			broken++
		}
	}
	return broken
}

// shownCases is how many cases of a broken promise the table shows.
const shownCases = 10

func (v *verdict) table() string {
	var b strings.Builder
	for _, l := range v.lines {
		state := ""
		switch {
		case l.promised && l.count > 0:
			state = "BROKEN"
		case l.promised:
			state = "kept"
		}
		fmt.Fprintf(&b, "%-62s %9d  %s\n", l.what, l.count, state)
		for _, note := range l.notes[:min(len(l.notes), shownCases)] {
			fmt.Fprintf(&b, "    %s\n", note)
		}
	}
	return b.String()
}

// judge compares the books.
func (b *books) judge() *verdict {
	v := &verdict{}
	b.judgeLives(v)
	b.judgeChecks(v)
	b.judgeIncidents(v)
	b.judgeNotices(v)
	b.judgeSlack(v)
	return v
}

// judgeLives says how the process ended, and whether it made more checks than
// were due.
func (b *books) judgeLives(v *verdict) {
	kills, terms := 0, 0
	aims, hits := map[string]int{}, map[string]int{}
	for _, l := range b.lives {
		switch {
		case l.stop.at.IsZero():
			continue
		case l.stop.clean:
			terms++
			continue
		}
		kills++
		aims[l.stop.aim]++
		if l.stop.hit {
			hits[l.stop.aim]++
		}
	}
	var notes []string
	for name, n := range aims {
		notes = append(notes, fmt.Sprintf("%s: %d, of them at that moment %d", name, n, hits[name]))
	}
	slices.Sort(notes)
	v.count("killed", kills, notes...)
	v.count("stopped by SIGTERM", terms)
	v.promise("lives with more checks than were due", b.storms())
}

// storms returns the lives in which more checks were made than the intervals
// and the failures ask for: a slot that was planned twice.
func (b *books) storms() []string {
	var cases []string
	for i, l := range b.lives {
		end := b.ended
		if !l.stop.at.IsZero() {
			end = l.stop.at
		}
		made, extra := 0, 0
		for j := range b.watched {
			for _, q := range b.watched[j].requests {
				if q.at.After(l.started) && q.at.Before(end) {
					made++
				}
			}
			extra += b.watched[j].extra(l.started, end)
		}
		// One more for each endpoint: it may be checked as soon as it is defined.
		due := float64(len(b.watched))*(end.Sub(l.started).Seconds()/b.interval.Seconds()+1) + float64(extra)
		if float64(made) > due {
			cases = append(cases, fmt.Sprintf("life %d: %d checks, %.0f were due", i+1, made, due))
		}
	}
	return cases
}
