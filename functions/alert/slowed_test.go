package alert_test

import (
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TestSilenceSlowed is about endpoints that have been down for long, and are
// checked less often for that.
func TestSilenceSlowed(t *testing.T) {
	t.Parallel()
	long := func(t *testing.T, fixed bool) *bench {
		e := cart()
		e.Interval, e.Adaptive.FixedCadence = monitor.Duration(10*time.Second), fixed
		b := newBench(t, e)
		b.feed("shop/cart", "f.........f", 0)
		b.feed("shop/cart", "f", 1860) // 31 minutes later
		return b
	}
	expect := func(b *bench, second int, want monitor.Health) {
		b.Helper()
		b.tick(second)
		if got := b.state().States["shop/cart"].Health; got != want {
			b.Errorf("at second %d: got %s, want %s", second, got, want)
		}
	}
	t.Run("three of the intervals that there are make it unknown, not three of the defined ones", func(t *testing.T) {
		t.Parallel()
		b := long(t, false)
		expect(b, 1860+119, monitor.Down)
		expect(b, 1860+120, monitor.Unknown)
	})
	t.Run("three of the defined ones do where the cadence is fixed", func(t *testing.T) {
		t.Parallel()
		b := long(t, true)
		expect(b, 1860+29, monitor.Down)
		expect(b, 1860+30, monitor.Unknown)
	})
	t.Run("one that is back is waited for, for its next slots were planned while it was down", func(t *testing.T) {
		t.Parallel()
		b := long(t, false)
		b.feed("shop/cart", "pp", 1900)
		b.alert = b.start(b.store) // and that outlasts the process
		b.tick(1902)
		expect(b, 1901+39, monitor.Up)
		b.feed("shop/cart", "p", 1901+40)
		expect(b, 1901+41, monitor.Up)
		b.feed("shop/cart", "p", 1901+50)
		b.feed("shop/cart", "p", 1901+60)
		expect(b, 1901+60+29, monitor.Up)
		expect(b, 1901+60+30, monitor.Unknown)
	})
}
