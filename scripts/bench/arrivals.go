package main

import (
	"sync/atomic"
	"time"
)

// resolution is how finely lateness is counted.
const resolution = 100 * time.Microsecond

// arrivals counts the requests by how long after their due time they came.
// What comes more than an interval late is counted as the check after it; then
// checks are missing, and their number tells.
type arrivals struct {
	interval time.Duration
	counts   []atomic.Uint32 // by lateness in units of resolution
}

func newArrivals(interval time.Duration) arrivals {
	return arrivals{interval, make([]atomic.Uint32, interval/resolution+1)}
}

func (a *arrivals) note(now time.Time, phase time.Duration) {
	late := (time.Duration(now.UnixNano())%a.interval - phase + a.interval) % a.interval
	a.counts[late/resolution].Add(1)
}

// forget starts from nothing.
func (a *arrivals) forget() {
	for i := range a.counts {
		a.counts[i].Store(0)
	}
}

// reading is what has arrived up to a moment.
type reading []uint32

func (a *arrivals) read() reading {
	out := make(reading, len(a.counts))
	for i := range a.counts {
		out[i] = a.counts[i].Load()
	}
	return out
}

// since returns what came between two readings.
func (r reading) since(before reading) reading {
	out := make(reading, len(r))
	for i := range r {
		out[i] = r[i] - before[i]
	}
	return out
}

func (r reading) count() int {
	sum := 0
	for _, n := range r {
		sum += int(n)
	}
	return sum
}

// within counts what came less than the limit late.
func (r reading) within(limit time.Duration) int {
	return r[:min(int(limit/resolution), len(r))].count()
}

// percentile returns the lateness that the share of the requests did not exceed.
func (r reading) percentile(share float64) time.Duration {
	left := int(share * float64(r.count()))
	for i, n := range r {
		if left -= int(n); left < 0 {
			return time.Duration(i+1) * resolution
		}
	}
	return time.Duration(len(r)) * resolution
}
