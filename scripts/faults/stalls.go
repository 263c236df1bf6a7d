package main

import (
	"context"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// stall is a time in which the machine did not let this program run, and so
// most likely not the monitor either.
type stall struct {
	at   time.Time // its end
	took time.Duration
}

// Times of looking for stalls.
const (
	stallLook  = 20 * time.Millisecond
	stallLeast = 30 * time.Millisecond
)

// watchStalls returns the stalls until ctx ends.
func watchStalls(ctx context.Context) []stall {
	var found []stall
	for last := time.Now(); ctx.Err() == nil; {
		rig.Pause(ctx, stallLook)
		now := time.Now()
		if took := now.Sub(last) - stallLook; took >= stallLeast {
			found = append(found, stall{now, took})
		}
		last = now
	}
	return found
}

// stalled returns for how long the machine stood still within the span. What
// wakes at a stall's end does so side by side with the watch: a kill may be older
// than the note of the stall that it came out of.
func (b *books) stalled(from, to time.Time) time.Duration {
	total := time.Duration(0)
	for _, s := range b.stalls {
		began, ended := s.at.Add(-s.took), s.at
		if began.Before(from) {
			began = from
		}
		if ended.After(to) {
			ended = to
		}
		total += max(ended.Sub(began), 0)
	}
	return total
}
