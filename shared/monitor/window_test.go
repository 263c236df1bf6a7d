package monitor_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// someRows draws results in any order, with some checks more than once; Micros
// tells those apart.
func someRows() *rapid.Generator[[]monitor.Result] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) monitor.Result {
		r := check('p', rapid.IntRange(0, 20).Draw(t, "check"))
		r.Micros = rapid.Int64().Draw(t, "us")
		return r
	}), 0, 30)
}

func TestMerge(t *testing.T) {
	t.Parallel()
	t.Run("keeps each check once, oldest first, the first one seen", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			rows, more := monitor.Merge(nil, someRows().Draw(t, "rows")), someRows().Draw(t, "more")
			first := map[monitor.Instant]monitor.Result{}
			for _, r := range append(append([]monitor.Result(nil), rows...), more...) {
				if _, seen := first[r.Due]; !seen {
					first[r.Due] = r
				}
			}
			merged := monitor.Merge(rows, more)
			if len(merged) != len(first) {
				t.Fatalf("got %d rows, want %d", len(merged), len(first))
			}
			for i, r := range merged {
				if i > 0 && merged[i-1].Due >= r.Due || !cmp.Equal(first[r.Due], r) {
					t.Fatalf("row %d: got %+v", i, r)
				}
			}
		})
	})
	t.Run("of the same rows again changes nothing, in whatever batches they come", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			all := someRows().Draw(t, "rows")
			var bit []monitor.Result
			for rest := all; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
				bit = monitor.Merge(monitor.Merge(bit, rest[:n]), all[:len(all)-len(rest)+n])
				rest = rest[n:]
			}
			if diff := cmp.Diff(monitor.Merge(nil, all), bit, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("at once -, in batches +:\n%s", diff)
			}
		})
	})
	t.Run("keeps the same checks whatever the order", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			a, b := someRows().Draw(t, "a"), someRows().Draw(t, "b")
			ids := cmp.Comparer(func(a, b monitor.Result) bool { return a.ID() == b.ID() })
			if diff := cmp.Diff(monitor.Merge(a, b), monitor.Merge(b, a), ids, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
		})
	})
	t.Run("leaves what it was given as it was", func(t *testing.T) {
		t.Parallel()
		rows, more := story("ppppp"), story("fffff")
		rand.Shuffle(len(more), func(i, j int) { more[i], more[j] = more[j], more[i] })
		before := append([]monitor.Result(nil), more...)
		monitor.Merge(rows, more)
		if diff := cmp.Diff(before, more) + cmp.Diff(story("ppppp"), rows); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWindowOf(t *testing.T) {
	t.Parallel()
	r := check('p', 0)
	for _, due := range []monitor.Instant{1_700_000_400_000, 1_700_000_999_999} {
		r.Due = due
		want := monitor.WindowKey{Endpoint: "shop/cart", Location: "local", Start: 1_700_000_400_000}
		if got := monitor.WindowOf(&r); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	var rows []monitor.Result
	for n := range 600 {
		rows = append(rows, check('p', n))
	}
	for b.Loop() {
		monitor.Merge(rows[:540], rows[540:])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/new-row")
}
