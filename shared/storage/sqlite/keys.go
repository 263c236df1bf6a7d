package sqlite

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Keys of windows and packs are numbers that rise with time first: what is
// old lies together, and goes by one range.
const (
	seriesBits = 32
	tierBits   = 60
	maxStart   = monitor.Instant(1) << 47 // the year 6429; keeps keys within their bits
)

func windowKey(start monitor.Instant, series int64) int64 {
	return int64(start)/monitor.WindowSpan.Milliseconds()<<seriesBits | series
}

func windowStart(key int64) monitor.Instant {
	return monitor.Instant(key >> seriesBits * monitor.WindowSpan.Milliseconds())
}

func checkWindowStart(start monitor.Instant) error {
	if start < 0 || start > maxStart || start != start.Floor(monitor.WindowSpan) {
		return monitor.FieldErrorf("start", "must be the start of a window, got %d", start)
	}
	return nil
}

func tierNumber(tier monitor.Tier) (int64, error) {
	switch tier {
	case monitor.Minutes:
		return 0, nil
	case monitor.Hours:
		return 1, nil
	case monitor.Days:
		return 2, nil
	default:
		return 0, monitor.FieldErrorf("tier", "must be minute, hour or day, got %q", tier)
	}
}

func packKey(tier monitor.Tier, start monitor.Instant, series int64) (int64, error) {
	number, err := tierNumber(tier)
	if err != nil {
		return 0, err
	}
	if start < 0 || start > maxStart || start != tier.PackStart(start) {
		return 0, monitor.FieldErrorf("start", "must be the start of a pack of %ss, got %d", tier, start)
	}
	return number<<tierBits | int64(start)/time.Hour.Milliseconds()<<seriesBits | series, nil
}

func packStart(key int64) monitor.Instant {
	hours := key & (1<<tierBits - 1) >> seriesBits
	return monitor.Instant(hours * time.Hour.Milliseconds())
}

func latestKey(shard int, series int64) int64 { return int64(shard)<<seriesBits | series }
