package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// point is a moment in the life of an outage that a kill can be aimed at.
type point int

// The points.
const (
	noPoint          point = iota
	afterFailure           // a target has just answered a check with an error
	decisive               // so it has, and that makes enough of them to open an incident
	beforeAcceptance       // a webhook has read a notice and not taken it yet
	afterAcceptance        // a webhook has taken a notice and not answered yet
)

// trap tells when the point comes that it is set for. Whoever comes by waits
// until the deed is done, so that it is done at that very point, or goes on
// where the deed is to come somewhat later.
type trap struct {
	set  chan point         // holds the point that is waited for
	sent chan chan struct{} // holds, for the executioner, what to close afterwards
}

func newTrap() trap { return trap{make(chan point, 1), make(chan chan struct{}, 1)} }

// pass is called at every point.
func (t trap) pass(here point) {
	select {
	case wanted := <-t.set:
		if wanted != here {
			t.set <- wanted
			return
		}
		done := make(chan struct{})
		t.sent <- done
		<-done
	default:
	}
}

// wait arms the trap, and does the deed when it goes off. After the limit the
// deed is done anyway; hit tells which of both it was.
func (t trap) wait(ctx context.Context, here point, limit, after time.Duration, deed func(hit bool) error) error {
	t.set <- here
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var done chan struct{}
	select {
	case done = <-t.sent:
	case <-timer.C:
	case <-ctx.Done():
	}
	if done == nil {
		select {
		case <-t.set:
		case done = <-t.sent:
		}
	}
	if done == nil {
		return deed(false)
	}
	if after > 0 {
		close(done)
		rig.Pause(ctx, after)
		return deed(true)
	}
	defer close(done)
	return deed(true)
}

// aim is a way to end the process.
type aim struct {
	name string
	end  func(context.Context, *run) error
}

// aims are taken in turn. Every one of them lets the process live for a random
// time first, but those that strike while it starts.
func (r *run) aims() []aim {
	all := []aim{
		{"send, before it is accepted", trapped(beforeAcceptance, 0)},
		{"decide, and nothing fails any more", last(10*time.Millisecond, 20*time.Millisecond)},
		{"fold at the start", foldAtStart},
		{"any moment", anyMoment},
		{"send, after it is accepted", trapped(afterAcceptance, 0)},
		{"any moment", anyMoment},
		{"start", start},
		{"decide", trapped(afterFailure, 10*time.Millisecond)},
		{"fold at the full minute", foldAtMinute},
		{"receipt", trapped(afterAcceptance, 3*time.Millisecond)},
	}
	if r.node != nil {
		all = append(slices.Insert(all, 2, aimsAtNode()...), aim{"the cluster hung for a second", hung(time.Second)})
	}
	return all
}

// trapped kills at the point, or up to spread after it.
func trapped(here point, spread time.Duration) func(context.Context, *run) error {
	return func(ctx context.Context, r *run) error {
		rig.Pause(ctx, r.lifetime())
		return r.trap.wait(ctx, here, 20*time.Second, upTo(spread), func(hit bool) error {
			return r.monitor.kill(r.aim.name, hit)
		})
	}
}

// last kills some time after the failure that opens an incident: probe holds
// it for a moment, then store keeps it and alert decides on it. Everything
// recovers at once: if the failure was stored and not decided on, no later one
// makes good for it.
func last(least, spread time.Duration) func(context.Context, *run) error {
	return func(ctx context.Context, r *run) error {
		rig.Pause(ctx, r.lifetime())
		return r.trap.wait(ctx, decisive, 20*time.Second, least+upTo(spread), func(hit bool) error {
			defer r.outages.heal()
			return r.monitor.kill(r.aim.name, hit)
		})
	}
}

func anyMoment(ctx context.Context, r *run) error {
	rig.Pause(ctx, r.lifetime())
	return r.monitor.kill(r.aim.name, true)
}

// start kills while the process reads what was stored, or soon afterwards.
func start(ctx context.Context, r *run) error {
	if err := r.monitor.kill("any moment", true); err != nil {
		return err
	}
	if err := r.monitor.start(); err != nil {
		return err
	}
	rig.Pause(ctx, upTo(300*time.Millisecond))
	return r.monitor.kill(r.aim.name, true)
}

// foldAtStart kills in the round of folds that the tick at the start begins.
func foldAtStart(ctx context.Context, r *run) error { return fold(ctx, r, 0, 5*time.Second) }

// foldAtMinute kills in the next round of folds: there is one each minute.
func foldAtMinute(ctx context.Context, r *run) error {
	rig.Pause(ctx, r.lifetime())
	before, err := r.api.metric(ctx, foldsDone)
	if err != nil {
		return err
	}
	return fold(ctx, r, before, time.Minute+5*time.Second)
}

// fold kills when some shards of a round are folded and others are not.
func fold(ctx context.Context, r *run, before float64, limit time.Duration) error {
	end := time.Now().Add(limit)
	for time.Now().Before(end) && ctx.Err() == nil {
		now, err := r.api.metric(ctx, foldsDone)
		if err != nil {
			return err
		}
		if now > before {
			return r.monitor.kill(r.aim.name, int(now-before) < shards)
		}
		rig.Pause(ctx, time.Millisecond)
	}
	return r.monitor.kill(r.aim.name, false)
}

const (
	foldsDone = "monitor_store_fold_seconds_count"
	shards    = 64
)

// upTo returns a random time below the limit.
func upTo(limit time.Duration) time.Duration {
	if limit <= 0 {
		return 0
	}
	return rand.N(limit) //nolint:gosec // chance, not secrets
}
