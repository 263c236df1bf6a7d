package main

import (
	"fmt"
	"slices"
	"time"
)

// span is an incident as it ought to be.
type span struct{ started, ended time.Time }

// judgeIncidents compares the incidents with the stored results, from which
// they follow, and with the script, which they must show.
func (b *books) judgeIncidents(v *verdict) {
	stored := map[int]map[int64]told{} // by endpoint and start
	open := 0
	for _, t := range b.incidents {
		number := numberOf(t.Endpoint)
		if stored[number] == nil {
			stored[number] = map[int64]told{}
		}
		stored[number][t.Started.UnixMilli()] = t
		if b.stopBetween(t.Started, t.Ended) {
			open++
		}
	}
	var lost, invented, wrong []string
	ahead := 0
	for i := range b.watched {
		want := b.watched[i].incidents()
		taken := b.taken(i)
		for _, s := range want {
			got, found := stored[i][s.started.UnixMilli()]
			if !found {
				if got, found = taken.opened(stored[i], s.started); found {
					ahead++
				}
			}
			delete(stored[i], got.Started.UnixMilli())
			switch {
			case !found:
				lost = append(lost, fmt.Sprintf("%s since %s", name(i), clock(s.started)))
			case got.Ended.Equal(s.ended):
			case taken.saw(got.Ended, false):
				ahead++
			default:
				wrong = append(wrong, fmt.Sprintf("%s ended %s, want %s", got.ID, clock(got.Ended), clock(s.ended)))
			}
		}
		for _, t := range stored[i] {
			if taken.saw(t.Started, true) {
				ahead++
				continue
			}
			invented = append(invented, fmt.Sprintf("%s of %s since %s", t.ID, t.Endpoint, clock(t.Started)))
		}
	}
	v.count("outages that were scripted", len(b.outages))
	v.count("incidents that are stored", len(b.incidents), fmt.Sprintf("%d of them were open at a kill or a stop", open))
	v.count("incidents that begin or end with a check whose result a kill took", ahead)
	v.promise("incidents that are lost", lost)
	v.promise("incidents that are invented", invented)
	v.promise("incidents that end at another time than their results say", wrong)
	v.promise("outages without exactly one incident", b.unlike())
}

// taken are the checks of one endpoint whose results were not acknowledged when
// a kill came. They are gone, but they were made: what was decided on them, in
// the moment before they would have been stored, stands.
type taken []request

func (b *books) taken(endpoint int) taken {
	missing := b.watched[endpoint].match().missing
	return slices.DeleteFunc(missing, func(q request) bool {
		_, gone := b.fate(q)
		return gone
	})
}

// saw tells whether one of them was due then and came out like that.
func (t taken) saw(due time.Time, failed bool) bool {
	return slices.ContainsFunc(t, func(q request) bool {
		late := q.at.Sub(due)
		return q.failed == failed && late >= 0 && late < time.Second
	})
}

// opened returns the incident that ought to have started then, but did so a
// little earlier, by one of them.
func (t taken) opened(stored map[int64]told, started time.Time) (told, bool) {
	for _, one := range stored {
		if early := started.Sub(one.Started); early > 0 && early < unreported && t.saw(one.Started, true) {
			return one, true
		}
	}
	return told{}, false
}

// incidents returns the incidents that follow from the stored results: so many
// failures in a row open one at the first of them, so many passes end it.
func (w *watched) incidents() []span {
	var all []span
	var bad, good []time.Time
	open := false
	for i := range w.rows {
		r := &w.rows[i]
		switch {
		case r.Kind == "manual" || r.Outcome == "unknown":
			continue
		case r.Outcome == "failed":
			bad, good = append(bad, r.Due), nil
		default:
			bad, good = nil, append(good, r.Due)
		}
		if !open && len(bad) == after {
			open = true
			all = append(all, span{started: bad[0]})
		}
		if open && len(good) == recovers {
			open = false
			all[len(all)-1].ended = good[0]
		}
	}
	return all
}

// unlike returns the scripted outages that were long enough to be decided, by
// the failures that were reported, and yet have no incident or several.
func (b *books) unlike() []string {
	var cases []string
	for _, o := range b.outages {
		missing := b.watched[o.endpoint].match().missing
		reported := failures(b.watched[o.endpoint].requests, o) - failures(missing, o)
		count := 0
		for _, t := range b.incidents {
			if numberOf(t.Endpoint) == o.endpoint && t.Started.Before(o.to) && (t.Open || t.Ended.After(o.from)) {
				count++
			}
		}
		if reported >= after && count != 1 || count > 1 {
			cases = append(cases, fmt.Sprintf("%s from %s to %s: %d failures, %d incidents",
				name(o.endpoint), clock(o.from), clock(o.to), reported, count))
		}
	}
	return cases
}

// holds tells whether a check that came then was answered within the outage.
func (o *outage) holds(at time.Time) bool {
	return !at.Before(o.from) && !at.After(o.to)
}

func failures(requests []request, o outage) int {
	count := 0
	for _, q := range requests {
		if q.failed && o.holds(q.at) {
			count++
		}
	}
	return count
}

// stopBetween tells whether the process was stopped within the span.
func (b *books) stopBetween(from, to time.Time) bool {
	for _, l := range b.lives {
		if l.stop.at.After(from) && l.stop.at.Before(to) {
			return true
		}
	}
	return false
}

func numberOf(endpoint string) int {
	number := -1
	_, _ = fmt.Sscanf(endpoint, "shop/e%d", &number)
	return number
}
