package probe

import "time"

// What a probe knows of an endpoint's pace.
const (
	PaceFloor  = 250 * time.Millisecond // whoever is faster is not waited for any less
	PaceLearns = 8                      // passes from which on anything is known
	PaceGrain  = 50 * time.Millisecond  // the least that is allowed for straying
)

// Pace is how fast an endpoint answers: its smoothed latency and how far it
// strays from that (RFC 6298, section 2). The zero value knows nothing.
type Pace struct {
	smoothed, strays time.Duration
	passes           uint8
}

// Next returns the pace after one more check that passed.
func (p Pace) Next(latency time.Duration) Pace {
	if p.passes == 0 {
		return Pace{smoothed: latency, strays: latency / 2, passes: 1}
	}
	return Pace{
		smoothed: p.smoothed + (latency-p.smoothed)/8,
		strays:   p.strays + ((latency-p.smoothed).Abs()-p.strays)/4,
		passes:   min(p.passes+1, PaceLearns),
	}
}

// Plenty returns the time in which an answer would have come, as it seems:
// PaceFloor at least, and the timeout at most, which it is while too little is
// known.
func (p Pace) Plenty(timeout time.Duration) time.Duration {
	if p.passes < PaceLearns {
		return timeout
	}
	return min(max(p.smoothed+max(4*p.strays, PaceGrain), PaceFloor), timeout)
}
