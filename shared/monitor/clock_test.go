package monitor_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestSteady(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	wall, elapsed := noon, time.Duration(0)
	clock := monitor.Steady(func() time.Time { return wall }, func() time.Duration { return elapsed })
	pass := func(d time.Duration) { wall, elapsed = wall.Add(d), elapsed+d }
	steps := []struct {
		name string
		do   func()
		want time.Duration // since noon
	}{
		{"it starts with the wall's", func() {}, 0},
		{"it follows the wall's", func() { pass(time.Minute) }, time.Minute},
		{"set ahead, it goes along", func() { wall = wall.Add(time.Hour) }, time.Hour + time.Minute},
		{"set back, it stands", func() { wall = wall.Add(-time.Minute) }, time.Hour + time.Minute},
		{"it goes on a little slower", func() { pass(4 * time.Minute) }, time.Hour + time.Minute + 3*time.Minute + 30*time.Second},
		{"until the wall's has caught up", func() { pass(8 * time.Minute) }, time.Hour + 12*time.Minute},
	}
	for _, step := range steps {
		step.do()
		if got := clock().Sub(noon); got != step.want {
			t.Errorf("%s: got %s after noon, want %s", step.name, got, step.want)
		}
	}
}

func TestSteadyNeverGoesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		wall, elapsed := time.Unix(0, 0), time.Duration(0)
		clock := monitor.Steady(func() time.Time { return wall }, func() time.Duration { return elapsed })
		last := clock()
		for range rapid.IntRange(1, 50).Draw(rt, "readings") {
			passed := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "passed"))
			set := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(rt, "set"))
			wall, elapsed = wall.Add(passed+set), elapsed+passed
			now := clock()
			if now.Before(last) || now.Before(wall) {
				rt.Fatalf("got %s after %s at %s, want neither to be later", now, last, wall)
			}
			last = now
		}
	})
}
