package probe_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
)

// TestPile: whatever is added and removed, a pile holds the rows of a list, in
// pages of which no more than the first and the last have room left.
func TestPile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		pile, want, next := probe.NewPile(), []int64{}, int64(1)
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			for range rapid.IntRange(0, 120).Draw(r, "added") {
				pile.Add(next)
				want = append(want, next)
				next++
			}
			removed := rapid.IntRange(0, len(want)).Draw(r, "removed")
			if rapid.Bool().Draw(r, "all") {
				removed = len(want)
			}
			pile.Remove(removed)
			want = want[removed:]
			if got := pile.First(len(want)); !slices.Equal(got, want) {
				r.Fatalf("got %v, want %v", got, want)
			}
			if most := (len(want) + 2*probe.PageRows - 2) / probe.PageRows * min(len(want), 1); pile.Pages() > most {
				r.Fatalf("got %d pages for %d rows, want %d at most", pile.Pages(), len(want), most)
			}
		}
	})
}

func TestLateBy(t *testing.T) {
	t.Parallel()
	for late, want := range map[time.Duration]string{
		399 * time.Millisecond: "300ms", 1999 * time.Millisecond: "1s", 59_999 * time.Millisecond: "59s", 150 * time.Second: "2m", time.Hour: "1h",
	} {
		if got := probe.LateBy(late); got != want {
			t.Errorf("%s: got %s, want %s", late, got, want)
		}
	}
}
