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

// stalled returns for how long the machine stood still within the span.
func (b *books) stalled(from, to time.Time) time.Duration {
	total := time.Duration(0)
	for _, s := range b.stalls {
		if s.at.After(from) && s.at.Before(to) {
			total += s.took
		}
	}
	return total
}
