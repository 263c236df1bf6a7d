package kafka_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		do   func(w kafka.Window)
		want int64
	}{
		"what is passed over counts as finished":  {func(w kafka.Window) { w.Pass(10); w.Pass(11) }, 12},
		"offsets may have gaps":                   {func(w kafka.Window) { w.Pass(10); w.Pass(20) }, 21},
		"what is in hand holds up what is behind": {func(w kafka.Window) { w.Open(10); w.Pass(11); w.Open(12); w.Done(12, true) }, 10},
		"and lets all go once it is finished":     {func(w kafka.Window) { w.Open(10); w.Open(11); w.Done(11, true); w.Pass(12); w.Done(10, true) }, 13},
		"what failed stays in the way":            {func(w kafka.Window) { w.Open(10); w.Open(11); w.Done(10, false); w.Done(11, true) }, 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := int64(10)
			test.do(kafka.NewWindow(10, func(next int64) { got = next }))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("marked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWindowProperty ends the work on records in any order: what is marked is
// always behind all that is finished without a gap, and never goes back.
func TestWindowProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		marked := int64(0)
		w := kafka.NewWindow(0, func(next int64) {
			if next < marked {
				t.Fatalf("the mark went back from %d to %d", marked, next)
			}
			marked = next
		})
		count := rapid.IntRange(1, 60).Draw(t, "records")
		state := make([]bool, count) // finished
		var open []int64
		for offset := range count {
			if rapid.Bool().Draw(t, "wanted") {
				w.Open(int64(offset))
				open = append(open, int64(offset))
				continue
			}
			w.Pass(int64(offset))
			state[offset] = true
		}
		for _, offset := range rapid.Permutation(open).Draw(t, "ends") {
			state[offset] = rapid.IntRange(0, 9).Draw(t, "fails") > 0
			w.Done(offset, state[offset])
		}
		want := 0
		for want < count && state[want] {
			want++
		}
		if marked != int64(want) {
			t.Fatalf("marked: got %d, want %d", marked, want)
		}
	})
}
