package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// judgeChecks compares what the targets saw with what is stored.
func (b *books) judgeChecks(v *verdict) {
	var lost, unseen, twice, miscounted []string
	seen, stored, scheduled, waiting, late := 0, 0, 0, 0, 0
	oldest := time.Duration(0)
	for i := range b.watched {
		w := &b.watched[i]
		seen, stored = seen+len(w.requests), stored+len(w.rows)
		scheduled += w.scheduled(b.ended)
		twice = append(twice, w.twice(i)...)
		pairs := w.match()
		late += pairs.late
		for _, q := range pairs.missing {
			age, gone := b.fate(q)
			if gone {
				lost = append(lost, fmt.Sprintf("%s at %s, %s", name(i), clock(q.at), age))
				continue
			}
			waiting++
			oldest = max(oldest, age)
		}
		for _, r := range pairs.strange {
			if r.Status == 0 || r.Start.After(b.ended.Add(-time.Second)) {
				continue // it had no answer and says so, or came as the books were closed
			}
			unseen = append(unseen, fmt.Sprintf("%s due %s, begun %s, %s", name(i), clock(r.Due), clock(r.Start), r.Outcome))
		}
		if want := w.scheduled(w.whole); w.counted != want {
			miscounted = append(miscounted, fmt.Sprintf("%s: the rollups count %d, the results are %d", name(i), w.counted, want))
		}
	}
	v.count("checks that the targets saw", seen, fmt.Sprintf("%.0f a second while the process was up", b.rate(seen)))
	v.count("results that are stored", stored)
	v.count("checks not acknowledged at a kill", waiting, fmt.Sprintf("the oldest was made %d ms before it", oldest.Milliseconds()),
		fmt.Sprintf("the machine itself stood still for %d ms in the whole run", b.stalled(b.began, b.ended).Milliseconds()))
	v.count("requests seen when their check had given up", late)
	v.promise("acknowledged results that are lost", lost)
	v.promise("results that were shown and are gone", b.gone())
	v.promise("results that are stored twice", twice)
	v.promise("results of checks that no target saw", unseen)
	v.promise("extra checks that nothing asked for", b.idle())
	v.promise("endpoints whose rollups count something else", miscounted)
}

// fate tells how long before the end of its process the check was made, and
// whether its result had to be stored: before a SIGTERM, and where nothing
// stopped the process, all of them.
func (b *books) fate(q request) (age time.Duration, gone bool) {
	of := b.lifeAt(q.at)
	if of < 0 {
		return 0, true
	}
	ended := b.lives[of].stop
	if ended.at.IsZero() {
		return b.ended.Sub(q.at), true
	}
	age = max(ended.at.Sub(q.at), 0) // what a process has sent may arrive after its end
	return age, ended.clean || age > unreported && age > unreported+b.stalled(q.at, ended.at)
}

// lifeAt returns the index of the life that does at the time what is done.
func (b *books) lifeAt(at time.Time) int {
	later := slices.IndexFunc(b.lives, func(l life) bool { return l.started.After(at) })
	if later < 0 {
		later = len(b.lives)
	}
	return later - 1
}

// lateRequest bounds how long after the start of a check that had no answer its
// target may see the request: while the machine stands still it lies in between.
const lateRequest = 15 * time.Second

// pairs are what is left of an endpoint's books once each request has its result.
type pairs struct {
	missing []request // without a result
	strange []row     // without a request
	late    int       // requests that were paired with a check that had given up
}

// match pairs the checks that the target saw with the results that are stored. An
// endpoint has one check in flight, so the first request since the start of a stored
// check is that check's. A stored start is cut to the millisecond: a check that began
// in the one in which the request before it was seen may lie behind it. A check that
// had no answer is over before its request need have been seen: that is the one too
// many behind it, or none.
func (w *watched) match() pairs {
	rows := slices.DeleteFunc(slices.Clone(w.rows), func(r row) bool { return r.Start.IsZero() })
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Start.UnixMilli(), b.Start.UnixMilli()) })
	var p pairs
	i := 0
	for _, q := range w.requests {
		last := i
		for i < len(rows) && !rows[i].Start.After(q.at) && (i == last || q.at.Sub(rows[i].Start) >= time.Millisecond) {
			i++
		}
		if i > last {
			p.strange = append(p.strange, rows[last:i-1]...)
			continue
		}
		silent := slices.IndexFunc(p.strange, func(r row) bool { return r.Status == 0 && q.at.Sub(r.Start) < lateRequest })
		if silent < 0 {
			p.missing = append(p.missing, q)
			continue
		}
		p.strange = slices.Delete(p.strange, silent, silent+1)
		p.late++
	}
	p.strange = append(p.strange, rows[i:]...)
	return p
}

// scheduled counts the results that the rollups must count.
func (w *watched) scheduled(until time.Time) int {
	count := 0
	for i := range w.rows {
		if w.rows[i].Kind == "scheduled" && w.rows[i].Due.Before(until) {
			count++
		}
	}
	return count
}

// The kinds of checks that the process makes of its own accord.
const (
	confirm    = "confirm"
	connection = "connection"
)

// extra counts the stored results of such checks that began within the span.
func (w *watched) extra(from, to time.Time) int {
	count := 0
	for _, r := range w.rows {
		if (r.Kind == confirm || r.Kind == connection) && r.Start.After(from) && r.Start.Before(to) {
			count++
		}
	}
	return count
}

// idle returns the checks that confirm what did not fail, or what has failed
// often enough, and those beyond one lost connection for each scheduled check. A
// new process does not know what the one before it saw.
func (b *books) idle() []string {
	var cases []string
	for i := range b.watched {
		run, lost, life := 0, 0, -1
		for _, r := range b.watched[i].rows {
			if of := b.lifeAt(r.Start); of > life {
				run, lost, life = 0, 0, of
			}
			if r.Kind == confirm && (run == 0 || run >= after) || r.Kind == connection && lost > 0 {
				cases = append(cases, fmt.Sprintf("%s due %s: %s after %d failures", name(i), clock(r.Due), r.Kind, run))
			}
			switch r.Kind {
			case connection:
				lost++
			case "scheduled":
				lost = 0
			}
			switch {
			case r.Kind == "manual" || r.Outcome == "unknown":
			case r.Outcome == "failed":
				run++
			default:
				run = 0
			}
		}
	}
	return cases
}

func (w *watched) twice(endpoint int) []string {
	var cases []string
	for i := 1; i < len(w.rows); i++ {
		if w.rows[i].Due.Equal(w.rows[i-1].Due) {
			cases = append(cases, fmt.Sprintf("%s due %s", name(endpoint), clock(w.rows[i].Due)))
		}
	}
	return cases
}

// gone returns the results that the API has shown once and does not have now.
func (b *books) gone() []string {
	has := map[check]bool{}
	for i := range b.watched {
		for _, r := range b.watched[i].rows {
			has[check{i, r.Due.UnixMilli()}] = true
		}
	}
	var cases []string
	for _, c := range b.shown {
		if !has[c] {
			cases = append(cases, fmt.Sprintf("%s due %s", name(c.endpoint), clock(time.UnixMilli(c.due))))
		}
	}
	return cases
}

// rate is the number a second of all lives.
func (b *books) rate(count int) float64 {
	up := time.Duration(0)
	for _, l := range b.lives {
		end := b.ended
		if !l.stop.at.IsZero() {
			end = l.stop.at
		}
		up += end.Sub(l.started)
	}
	return float64(count) / max(up.Seconds(), 1)
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05.000") }
