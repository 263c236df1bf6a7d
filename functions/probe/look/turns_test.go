package look_test

import (
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
)

// TestTurnsWaited holds late turns to being seen among the many that come at
// once in a process that does a lot.
func TestTurnsWaited(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		counts []uint64 // that waited for up to 1 ms, from there to 100 ms, and for longer
		want   time.Duration
	}{
		"nobody waited":                           {[]uint64{30_000, 0, 0}, 0},
		"a few among many do not count":           {[]uint64{30_000, 0, 30}, 0},
		"more than one in a thousand do":          {[]uint64{30_000, 0, 31}, 100 * time.Millisecond},
		"those who waited for longer count along": {[]uint64{30_000, 20, 20}, time.Millisecond},
		"one alone does not, even among few":      {[]uint64{50, 0, 1}, 0},
		"two do":                                  {[]uint64{50, 0, 2}, 100 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := look.Waited([]float64{0, .001, .1, 1}, test.counts); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
