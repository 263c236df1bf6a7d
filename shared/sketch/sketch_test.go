package sketch_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/sketch"
)

func of(latencies ...int64) *sketch.Sketch {
	s := &sketch.Sketch{}
	for _, micros := range latencies {
		s.Add(micros)
	}
	return s
}

func parsed(t interface{ Fatalf(string, ...any) }, text []byte) *sketch.Sketch {
	s, err := sketch.Parse(text)
	if err != nil {
		t.Fatalf("parse %v: %v", text, err)
	}
	return s
}

// anyLatencies draws latencies of all sizes, small ones as often as large.
func anyLatencies() *rapid.Generator[[]int64] {
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) int64 {
		return rapid.Int64Range(0, int64(1)<<rapid.IntRange(0, 40).Draw(t, "bits")).Draw(t, "micros")
	}))
}

// nearest returns the latency of nearest rank.
func nearest(sorted []int64, q float64) int64 {
	rank := max(int(math.Ceil(q*float64(len(sorted)))), 1)
	return sorted[rank-1]
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	t.Run("is within its accuracy of the latency of that rank", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			latencies := anyLatencies().Filter(func(l []int64) bool { return len(l) > 0 }).Draw(t, "latencies")
			q := rapid.Float64Range(0, 1).Draw(t, "q")
			got := of(latencies...).Quantile(q)
			slices.Sort(latencies)
			want := nearest(latencies, q)
			if math.Abs(float64(got-want)) > sketch.Accuracy*float64(want) {
				t.Fatalf("got %d for quantile %v, want %d within %v", got, q, want, sketch.Accuracy)
			}
		})
	})
	t.Run("has no error up to 50 µs", func(t *testing.T) {
		t.Parallel()
		for micros := range int64(51) {
			if got := of(micros).Quantile(0.5); got != micros {
				t.Errorf("got %d, want %d", got, micros)
			}
		}
	})
	t.Run("of an empty sketch is 0", func(t *testing.T) {
		t.Parallel()
		if got := of().Quantile(0.99); got != 0 {
			t.Errorf("got %d, want 0", got)
		}
	})
	t.Run("takes any q and any latency", func(t *testing.T) {
		t.Parallel()
		s := of(math.MinInt64, 10, math.MaxInt64)
		for q, want := range map[float64]int64{-1: 0, 0: 0, 0.5: 10, 1: sketch.Max, 7: sketch.Max, math.Inf(1): sketch.Max} {
			if got := s.Quantile(q); math.Abs(float64(got-want)) > sketch.Accuracy*float64(want) {
				t.Errorf("got %d for quantile %v, want %d", got, q, want)
			}
		}
		if got := s.Quantile(math.NaN()); got != 0 {
			t.Errorf("got %d for quantile NaN, want that of 0", got)
		}
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	t.Run("of parts is the sketch of the whole, in any order and grouping", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			a, b, c := anyLatencies().Draw(t, "a"), anyLatencies().Draw(t, "b"), anyLatencies().Draw(t, "c")
			want := of(slices.Concat(a, b, c)...).Bytes()

			left := of(a...)
			left.Merge(of(b...))
			left.Merge(of(c...))
			right := of(c...)
			right.Merge(of(b...))
			right.Merge(of(a...))
			inner := of(b...)
			inner.Merge(of(c...))
			outer := of(a...)
			outer.Merge(inner)
			for _, got := range []*sketch.Sketch{left, right, outer} {
				if !bytes.Equal(got.Bytes(), want) {
					t.Fatalf("got %v, want %v", got.Bytes(), want)
				}
			}
		})
	})
	t.Run("of bytes is that of their sketch", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			a, b := anyLatencies().Draw(t, "a"), anyLatencies().Draw(t, "b")
			s := of(a...)
			if err := s.MergeBytes(of(b...).Bytes()); err != nil {
				t.Fatalf("merge: %v", err)
			}
			if want := of(slices.Concat(a, b)...); !bytes.Equal(s.Bytes(), want.Bytes()) || s.Count() != want.Count() {
				t.Fatalf("got %v, want %v", s.Bytes(), want.Bytes())
			}
		})
	})
	t.Run("of bad bytes enters nothing", func(t *testing.T) {
		t.Parallel()
		s := of(10, 5000)
		bad := append(of(1, 2, 3).Bytes(), 0x80)
		if err := s.MergeBytes(bad); !errors.Is(err, monitor.Invalid) || s.Count() != 2 {
			t.Errorf("got %d latencies and error %v, want 2 and code %s", s.Count(), err, monitor.Invalid)
		}
	})
	t.Run("leaves the other as it is", func(t *testing.T) {
		t.Parallel()
		one, other := of(10, 5000), of(70)
		one.Merge(other)
		one.Add(70)
		if other.Count() != 1 || one.Count() != 4 {
			t.Errorf("got counts %d and %d, want 1 and 4", other.Count(), one.Count())
		}
	})
}

func TestBytes(t *testing.T) {
	t.Parallel()
	t.Run("are the same for the same latencies in any order", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			latencies := anyLatencies().Draw(t, "latencies")
			other := rapid.Permutation(latencies).Draw(t, "other")
			if got, want := of(other...).Bytes(), of(latencies...).Bytes(); !bytes.Equal(got, want) {
				t.Fatalf("got %v, want %v", got, want)
			}
		})
	})
	t.Run("are read back whole", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			s := of(anyLatencies().Draw(t, "latencies")...)
			s.AddN(rapid.Int64Range(0, sketch.Max).Draw(t, "micros"), rapid.Int64Range(-1, 1<<50).Draw(t, "n"))
			read := parsed(t, s.Bytes())
			if read.Count() != s.Count() || !bytes.Equal(read.Bytes(), s.Bytes()) {
				t.Fatalf("got %d latencies, want %d", read.Count(), s.Count())
			}
		})
	})
	t.Run("of an empty sketch are none", func(t *testing.T) {
		t.Parallel()
		if got := of().Bytes(); got != nil {
			t.Errorf("got %v, want nil", got)
		}
		if got := parsed(t, nil).Count(); got != 0 {
			t.Errorf("got %d latencies of no bytes, want 0", got)
		}
	})
	t.Run("of every latency stay few", func(t *testing.T) {
		t.Parallel()
		s := of()
		for micros := int64(0); micros < sketch.Max; micros += micros/50 + 1 {
			s.AddN(micros, 1000)
		}
		if got := len(s.Bytes()); got > 2000 {
			t.Errorf("got %d bytes, want 2000 at most", got)
		}
	})
	t.Run("that are none of ours are invalid", func(t *testing.T) {
		t.Parallel()
		for name, text := range map[string][]byte{
			"another version":  {9, 1},
			"an early end":     {1, 0x80},
			"a gap beyond":     {1, 3, 0xff, 0xff, 0x7f},
			"a missing gap":    {1, 3},
			"too many buckets": append([]byte{1}, make([]byte, 5000)...),
			"too many":         slices.Concat([]byte{1}, bytes.Repeat([]byte{0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 3)),
		} {
			if _, err := sketch.Parse(text); !errors.Is(err, monitor.Invalid) {
				t.Errorf("%s: got error %v, want code %s", name, err, monitor.Invalid)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(of(1, 2, 3, 5000, 1_000_000).Bytes())
	f.Add([]byte{1, 3, 0x80, 1, 0})
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := sketch.Parse(text)
		if err != nil {
			return
		}
		again := parsed(t, s.Bytes())
		if again.Count() != s.Count() || again.Quantile(0.5) != s.Quantile(0.5) || s.Count() < 0 {
			t.Errorf("got %d latencies, want %d", again.Count(), s.Count())
		}
		s.Merge(again)
		_ = s.Quantile(0.9)
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	used, fresh := sketch.New(), sketch.New()
	for _, micros := range []int64{1, 900, 1 << 35} {
		used.Add(micros)
	}
	used.Reset()
	if used.Count() != 0 || used.Bytes() != nil {
		t.Fatalf("got %d latencies after a reset, want none", used.Count())
	}
	for _, micros := range []int64{40, 70_000, 70_000} {
		used.Add(micros)
		fresh.Add(micros)
	}
	if !bytes.Equal(used.Bytes(), fresh.Bytes()) {
		t.Fatalf("got %x, want %x: the same as of a new one", used.Bytes(), fresh.Bytes())
	}
}
