package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestMatters holds what must be saved to what it is for: a process may lose
// all that it need not save, and be given any acknowledged result again.
func TestMatters(t *testing.T) {
	t.Parallel()
	t.Run("a crash that forgets all unsaved steps neither opens an incident nor loses one", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			policy, text := policies().Draw(t, "policy"), letters("ppppdfffum").Draw(t, "results")
			smooth, rough := newLife(), newLife()
			saved := rough.State
			for n, r := range story(text) {
				smooth.live(policy, r)
				if rough.live(policy, r) {
					saved = rough.State
				}
				if rapid.IntRange(0, 3).Draw(t, "crash") > 0 {
					continue
				}
				rough.State = saved
				again := rapid.SampledFrom([]int{0, 0, 1, 3, 60}).Draw(t, "again")
				if rough.live(policy, story(text)[max(n+1-again, 0):n+1]...) {
					saved = rough.State
				}
			}
			if diff := cmp.Diff(smooth.changes, rough.changes); diff != "" {
				t.Fatalf("%s: without a crash -, with +:\n%s", text, diff)
			}
		})
	})
	t.Run("the pass that ends a run of failures must be saved, those behind it need not", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		for n, want := range []bool{false, true, true, false, true, true, false} {
			if got := l.live(cart.Alert, check([]rune("pfppdpp")[n], n)); got != want {
				t.Errorf("check %d: got %v, want %v", n, got, want)
			}
		}
	})
	t.Run("results of two locations at the same moment are two steps", func(t *testing.T) {
		t.Parallel()
		l := newLife()
		paris, tokyo := check('f', 0), check('f', 0)
		paris.Location, tokyo.Location = "paris", "tokyo"
		if !l.live(cart.Alert, paris) || !l.live(cart.Alert, tokyo) {
			t.Error("got a step that need not be saved, want two that must")
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	hour := int(time.Hour / time.Second)
	tests := map[string]struct {
		results string
		last    int
		want    bool
	}{
		"an hour of passes after a failure":         {"fp", hour + 1, true},
		"less than an hour":                         {"fp", hour, false},
		"a failure that no pass followed":           {"pf", 2 * hour, false},
		"a slow answer that no pass followed":       {"pd", 2 * hour, false},
		"an outage that is over":                    {"fffpp", hour + 4, true},
		"an outage that is not":                     {"fff", 2 * hour, false},
		"passes alone":                              {"pp", 1, true},
		"nothing seen since the process has begun ": {"fp", -hour, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLife()
			l.live(cart.Alert, story(test.results)...)
			if got := l.Plain(at(test.last)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
