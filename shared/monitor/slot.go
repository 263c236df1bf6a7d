package monitor

import "time"

// Grid is what due times are multiples of, where the interval is one: checks
// of many endpoints then start in the same moments, which costs far less than
// as many moments.
const Grid = 10 * time.Millisecond

// Phase returns where in its interval an endpoint's checks lie: the hash of
// its key spreads the endpoints evenly and stays the same over restarts.
// The interval must be whole milliseconds, at least one.
func Phase(endpoint string, interval time.Duration) time.Duration {
	return place(endpoint) % interval / step(interval) * step(interval)
}

// place spreads the endpoints evenly over any span.
func place(endpoint string) time.Duration { return time.Duration(hash64(endpoint) >> 1) }

// step is what the due times of such an interval are multiples of.
func step(interval time.Duration) time.Duration {
	if interval%Grid != 0 {
		return time.Millisecond
	}
	return Grid
}

// Due is a run of due times: First, First+Every, … Count of them.
type Due struct {
	First Instant  `json:"first"`
	Every Duration `json:"every"`
	Count int      `json:"count"`
}

// DueIn returns the due times of an endpoint in [from, to): those congruent to
// its phase modulo the interval, which is cut to milliseconds. Count is 0 where
// there are none.
func DueIn(endpoint string, interval time.Duration, from, to Instant) Due {
	return DueAt(endpoint, interval, 1, from, to)
}

// DueAt returns one in factor of the due times that DueIn returns. They are the
// same ones whenever they are asked for; those of twice the factor are among
// them, and those of many endpoints are spread evenly.
func DueAt(endpoint string, interval time.Duration, factor int, from, to Instant) Due {
	interval = max(interval.Truncate(time.Millisecond), time.Millisecond)
	every := time.Duration(factor) * interval
	turn := place(endpoint) / interval % time.Duration(factor)
	phase := Phase(endpoint, interval) + turn*interval
	first := from.Floor(every).Add(phase)
	if first < from {
		first = first.Add(every)
	}
	due := Due{First: first, Every: Duration(every)}
	if first < to {
		due.Count = int((to-first-1)/Instant(every.Milliseconds())) + 1
	}
	return due
}

// At returns the nth due time, n from 0.
func (d Due) At(n int) Instant { return d.First.Add(time.Duration(n) * d.Every.D()) }

// After returns the endpoint's first due time behind an instant, be it one of
// the run, before it or behind it.
func (d Due) After(i Instant) Instant {
	every := max(d.Every.D().Truncate(time.Millisecond), time.Millisecond)
	return d.First + (i - d.First).Floor(every).Add(every)
}

// Plan bounds the events of one slot.
type Plan struct {
	Slot    time.Duration
	Batches int // the most batches a slot, a power of two
	Shards  int // a power of two, at least Batches
}

// InFlight is how many probe.due requests may be open at once: a Trigger has
// 50 in flight, less a reserve for late ones.
const InFlight = 40

// HandlerTimeout is the longest time that one probe.due event may be worked
// on: two slots, the largest timeout, and a little to report.
func (p Plan) HandlerTimeout(largest time.Duration) time.Duration {
	return 2*p.Slot + largest + 5*time.Second
}

// TickSpan is the time between two ticks of a shard: a minute, or a slot where
// that is longer.
func (p Plan) TickSpan() time.Duration { return max(time.Minute, p.Slot) }

// FoldLag is how long results may wait to be folded until something is wrong:
// ten minutes, or two ticks of their shard where these are further apart.
func (p Plan) FoldLag() time.Duration { return max(10*time.Minute, 2*p.TickSpan()) }

// BatchCount returns how many batches a slot is cut into: the largest power of
// two up to p.Batches for which the requests in flight stay within InFlight,
// given the largest timeout of any endpoint and the parts that a batch needs.
// It is at least 1.
func (p Plan) BatchCount(largest time.Duration, parts int) int {
	open := func(batches int) time.Duration {
		return time.Duration(batches*max(parts, 1)) * (2*p.Slot + largest)
	}
	batches := p.Batches
	for batches > 1 && open(batches) > InFlight*p.Slot {
		batches /= 2
	}
	return batches
}

// BatchOf returns the batch of a shard: contiguous ranges of equal size.
func (p Plan) BatchOf(shard, batches int) int { return shard * batches / p.Shards }

// Claim says who plans a slot, so that a slot is planned once. Saved with
// revision 0 it is an insert; otherwise a compare-and-swap.
type Claim struct {
	Slot     Instant `json:"slot"`
	Run      string  `json:"run"`               // the process run that holds it
	Until    Instant `json:"until"`             // unsent beyond this, another may take it over
	Sent     bool    `json:"sent"`              // all of the slot's events are out
	Checks   int     `json:"checks"`            // planned, or, where skipped, lost
	Skipped  string  `json:"skipped,omitempty"` // why the slot was not planned in time
	Revision int64   `json:"revision,omitempty"`
}
