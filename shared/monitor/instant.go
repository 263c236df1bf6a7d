package monitor

import "time"

// Instant is a moment in Unix milliseconds. Zero means "not known".
// In JSON it is a number.
type Instant int64

// At returns t as an Instant, cut to the millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the instant in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add returns the instant d later, cut to the millisecond.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Floor returns the last multiple of d (counted from the Unix epoch) at or
// before i. d must be at least a millisecond.
func (i Instant) Floor(d time.Duration) Instant {
	step := Instant(d.Milliseconds())
	rest := i % step
	if rest < 0 {
		rest += step
	}
	return i - rest
}
