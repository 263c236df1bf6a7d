package main

import (
	"testing"
	"time"
)

func TestUntilNext(t *testing.T) {
	for name, test := range map[string]struct{ now, phase, want time.Duration }{
		"later in this interval": {10*time.Second + 200*time.Millisecond, 700 * time.Millisecond, 500 * time.Millisecond},
		"in the next one":        {10*time.Second + 900*time.Millisecond, 700 * time.Millisecond, 800 * time.Millisecond},
		"beyond an interval":     {10*time.Second + 200*time.Millisecond, 1300 * time.Millisecond, 100 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			if got := untilNext(time.Unix(0, int64(test.now)), test.phase, time.Second); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
