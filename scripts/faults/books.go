package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// books are everything that is known when the run is over.
type books struct {
	interval   time.Duration
	began      time.Time // the first process was started
	ended      time.Time // up to here results were read
	lives      []life
	watched    []watched
	outages    []outage
	incidents  []told
	read       time.Time // the incidents were read
	deliveries []delivery
	messages   []message // Slack's
	bad        []string  // requests to the sink that make no sense
	shown      []check   // results that the API has shown at some time
	stalls     []stall
	refused    int // notices that were refused while nobody could be told
}

// watched is what is known of the checks of one endpoint.
type watched struct {
	requests []request // what its target saw, oldest first
	rows     []row     // what is stored, by due time
	counted  int       // scheduled checks in the rollups, up to whole
	whole    time.Time // a full minute
}

// told is an incident with what was told of it.
type told struct {
	incident
	notices []notice
}

// settle waits until no incident is open and every notice is out, and returns
// the incidents as they are then, with the time at which they were read. That it
// waited in vain is said, and is no error: the table will tell what is missing.
func (r *run) settle(ctx context.Context) (all []told, read time.Time, err error) {
	err = rig.Await(ctx, "everything is told", settling, 500*time.Millisecond, func() (bool, error) {
		var failed error
		read = time.Now()
		all, failed = r.readIncidents(ctx)
		return failed == nil && r.settled(all, read), failed
	})
	if inVain, ok := errors.AsType[rig.GaveUp](err); ok {
		r.say("%v", inVain)
		return all, read, nil
	}
	return all, read, err
}

// settled tells whether all is over and told that does not wait for a lease.
func (r *run) settled(all []told, read time.Time) bool {
	return !slices.ContainsFunc(all, func(t told) bool {
		return t.Open || t.pending() && (!r.hasty || !t.held(read, r.monitor.lives))
	})
}

// pending tells whether something is still to be told.
func (t *told) pending() bool {
	return len(t.notices) < len(changes())*len(channels()) ||
		slices.ContainsFunc(t.notices, func(n notice) bool { return n.Accepted.IsZero() })
}

// lease is how long an attempt of a killed process keeps its notice from being
// sent again, with some time to spare.
const lease = 65 * time.Second

// held tells whether all that is still to be told has its notice, and waits
// for the lease of an attempt that a kill interrupted.
func (t *told) held(now time.Time, lives []life) bool {
	if len(t.notices) < len(changes())*len(channels()) {
		return false
	}
	leased := map[string]bool{}
	for _, n := range t.notices { // by sequence
		switch {
		case !n.Accepted.IsZero():
		case n.Attempts > 0 && now.Sub(n.Sent) < lease && interrupted(n.Sent, lives):
			leased[n.Channel] = true
		case !leased[n.Channel]:
			return false
		}
	}
	return true
}

// channels are those of every endpoint, and changes what each of them is told.
func channels() []string { return []string{hook, slow, oncall} }
func changes() []string  { return []string{"opened", "resolved"} }

// longestAttempt is how long a notice may be under way.
const longestAttempt = 10 * time.Second

// interrupted tells whether an attempt that began then may have been cut off
// by a kill.
func interrupted(began time.Time, lives []life) bool {
	return slices.ContainsFunc(lives, func(l life) bool {
		return !l.stop.clean && !began.Before(l.started) && l.stop.at.After(began) && l.stop.at.Sub(began) < longestAttempt
	})
}

func (r *run) readIncidents(ctx context.Context) ([]told, error) {
	found, err := r.api.incidents(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]told, len(found))
	for i := range found {
		all[i].incident = found[i]
		if all[i].notices, err = r.api.notices(ctx, found[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// counted returns how many scheduled checks the rollups of an endpoint count. A
// shard is folded within the minute after a full one: until then fewer are
// counted than there are, and for that it waits up to the bound.
func (r *run) counted(ctx context.Context, endpoint string, from time.Time, w *watched, bound time.Time) (count int, err error) {
	want := w.scheduled(w.whole)
	folded := rig.Await(ctx, "the shard is folded", max(time.Until(bound), 0), 100*time.Millisecond, func() (bool, error) {
		count, err = r.api.counted(ctx, endpoint, from, w.whole)
		return count == want, err
	})
	if err == nil && folded != nil {
		r.say("%s: %v", endpoint, folded) // the table will tell
	}
	return count, err
}

// unreported is how old a check may be that is not stored yet: results are
// reported every two seconds. The time that the machine stood still is added.
const unreported = 3 * time.Second

func (r *run) readBooks(ctx context.Context) (*books, error) {
	b := &books{
		interval: r.interval, began: r.began.Truncate(time.Minute), ended: time.Now().Truncate(time.Millisecond),
		lives: r.monitor.lives, outages: r.outages.all(), shown: r.witness.checks(), refused: r.sink.refused,
		stalls: r.stalls, watched: make([]watched, r.endpoints),
	}
	if err := r.awaitStored(ctx); err != nil {
		r.say("%v", err) // the table will tell what is missing
	}
	folding := time.Now().Add(2 * time.Minute)
	r.say("reading the results of %d endpoints", r.endpoints)
	for i := range b.watched {
		w := &b.watched[i]
		w.requests = slices.DeleteFunc(slices.Clone(r.targets.list[i].requests()), func(q request) bool { return !q.at.Before(b.ended) })
		rows, err := r.api.results(ctx, key(i), b.began, b.ended)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(r row) bool { return !r.Start.Before(b.ended) })
		slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.Due.UnixMilli(), b.Due.UnixMilli()) })
		w.rows, w.whole = rows, b.ended.Truncate(time.Minute)
		if w.counted, err = r.counted(ctx, key(i), b.began, w, folding); err != nil {
			return nil, err
		}
	}
	var err error
	b.incidents, b.read, err = r.settle(ctx) // again: meanwhile leases ended, and what waited for them is under way
	b.deliveries, b.bad = r.sink.deliveries()
	b.messages = r.sink.messages()
	return b, err
}
