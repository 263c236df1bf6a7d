package sqlite_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
)

// now is 2026-05-01, the start of a window, an hour, a day and a month.
const now = monitor.Instant(1_777_593_600_000)

const forever = monitor.Instant(1) << 50

func opened(t testing.TB, options sqlite.Options) *sqlite.Store {
	t.Helper()
	store := openAt(t, filepath.Join(t.TempDir(), "monitor.db"), options)
	t.Cleanup(func() { check(t, store.Close()) })
	return store
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %q, want none", err)
	}
}

func must[T any](value T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return value
	}
}

// rows returns n results of random latencies, a second apart, from start on.
func rows(endpoint string, start monitor.Instant, n int) []monitor.Result {
	random := rand.New(rand.NewPCG(uint64(start), uint64(n)))
	made := make([]monitor.Result, n)
	for i := range made {
		due := start.Add(time.Duration(i) * time.Second)
		first := 1500 + random.Int64N(900)
		transfer := 15 + random.Int64N(40)
		made[i] = monitor.Result{
			Endpoint: endpoint, Location: "local", Due: due, Start: due + monitor.Instant(random.Int64N(3)),
			Kind: monitor.Scheduled, Outcome: monitor.Passed, Status: 200, Bytes: 312,
			Micros: first + transfer + 20 + random.Int64N(20),
			Phases: monitor.Phases{FirstByte: first, Transfer: transfer},
		}
	}
	return made
}

func window(endpoint string, start monitor.Instant, n int) monitor.Window {
	return monitor.Window{Endpoint: endpoint, Location: "local", Start: start, Rows: rows(endpoint, start, n)}
}

func TestMaintain(t *testing.T) {
	t.Parallel()
	t.Run("removes results by their age", func(t *testing.T) {
		t.Parallel()
		store := opened(t, sqlite.Options{Retention: time.Hour})
		var fold storage.Fold
		for span := range 12 {
			fold.Windows = append(fold.Windows, window("shop/a", now.Add(time.Duration(-span)*monitor.WindowSpan), 3))
		}
		check(t, store.CommitFold(t.Context(), fold))
		check(t, store.Maintain(t.Context(), now.Add(time.Minute)))
		left := must(store.Results(t.Context(), "shop/a", "local", 0, forever))(t)
		if want := now.Add(-time.Hour); len(left) != 7*3 || left[0].Due != want {
			t.Errorf("got %d results from %d on, want 21 from %d on", len(left), left[0].Due, want)
		}
	})
	t.Run("removes rollups and claims by their age", testMaintainRollups)
	t.Run("removes the oldest results where the disk is used up", testMaintainDisk)
	t.Run("says so when there is nothing left to remove", func(t *testing.T) {
		t.Parallel()
		store := opened(t, sqlite.Options{Disk: 1000})
		check(t, store.CommitFold(t.Context(), storage.Fold{Windows: []monitor.Window{window("shop/a", now, 3)}}))
		err := store.Maintain(t.Context(), now)
		if !errors.Is(err, monitor.Unavailable) {
			t.Fatalf("got error %v, want code %s", err, monitor.Unavailable)
		}
		for _, said := range []string{"wait to be folded", "raise MONITOR_DISK"} {
			if !strings.Contains(err.Error(), said) {
				t.Errorf("got %q, want it to say %q", err, said)
			}
		}
	})
	t.Run("never removes what alert, notify and the tail hold", testMaintainKeeps)
	t.Run("gives free room back to the disk", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "monitor.db")
		store := openAt(t, path, sqlite.Options{})
		for range 150 {
			check(t, store.AppendTail(t.Context(), 0, now, make([]byte, 20_000)))
		}
		check(t, store.CommitFold(t.Context(), storage.Fold{Folded: 150, Drop: 150}))
		check(t, store.Maintain(t.Context(), now))
		check(t, store.Close())
		if size := must(os.Stat(path))(t).Size(); size > 2_000_000 {
			t.Errorf("got a file of %d bytes, want some of 3 MB given back", size)
		}
	})
	t.Run("does a bounded amount of work and goes on at the next call", testMaintainBounded)
}

func testMaintainRollups(t *testing.T) {
	t.Parallel()
	store := opened(t, sqlite.Options{})
	keep := map[monitor.Tier]time.Duration{
		monitor.Minutes: 48 * time.Hour, monitor.Hours: 90 * 24 * time.Hour, monitor.Days: 730 * 24 * time.Hour,
	}
	var fold storage.Fold
	for tier, time := range keep {
		for _, start := range []monitor.Instant{
			0, tier.PackStart(tier.PackStart(now.Add(-time)) - 1), tier.PackStart(now.Add(-time)), tier.PackStart(now),
		} {
			fold.Packs = append(fold.Packs, monitor.Pack{
				Tier: tier, Endpoint: "shop/a", Location: "local", Start: start, Cells: []monitor.Cell{{Start: start, Passed: 1}},
			})
		}
	}
	check(t, store.CommitFold(t.Context(), fold))
	for _, age := range []time.Duration{8 * 24 * time.Hour, 6 * 24 * time.Hour} {
		must(store.SaveClaim(t.Context(), monitor.Claim{Slot: now.Add(-age)}))(t)
	}
	check(t, store.Maintain(t.Context(), now))
	for tier, time := range keep {
		left := must(store.Cells(t.Context(), storage.Series{Tier: tier, Endpoint: "shop/a", Location: "local"}, 0, forever))(t)
		if want := tier.PackStart(now.Add(-time)); len(left) != 2 || left[0].Start != want {
			t.Errorf("got cells %v of tier %s, want 2 from %d on", left, tier, want)
		}
	}
	if left := must(store.Claims(t.Context(), 0, forever))(t); len(left) != 1 {
		t.Errorf("got %d claims, want the one of the last 7 days", len(left))
	}
}

func testMaintainDisk(t *testing.T) {
	t.Parallel()
	const limit, spans = 2_000_000, 80
	metrics := prometheus.NewRegistry()
	store := opened(t, sqlite.Options{Disk: limit, Registry: metrics})
	for span := range spans {
		var fold storage.Fold
		for endpoint := range 10 {
			fold.Windows = append(fold.Windows, window(fmt.Sprintf("shop/%d", endpoint), now.Add(time.Duration(span)*monitor.WindowSpan), 600))
		}
		check(t, store.CommitFold(t.Context(), fold))
	}
	if used := must(store.Size(t.Context()))(t); used <= limit {
		t.Fatalf("got %d bytes before, want more than %d", used, limit)
	}
	check(t, store.Maintain(t.Context(), now))
	if used := must(store.Size(t.Context()))(t); used > limit {
		t.Errorf("got %d bytes, want %d at most", used, limit)
	}
	left := must(store.Results(t.Context(), "shop/1", "local", 0, forever))(t)
	newest := now.Add(spans*monitor.WindowSpan - time.Second)
	if len(left) == 0 || len(left) == spans*600 || left[len(left)-1].Due != newest {
		t.Errorf("got %d results, want some of them gone and the newest kept", len(left))
	}
	if removed := metric(t, metrics, "monitor_storage_removed_windows_total"); removed == 0 {
		t.Error("got no window counted as removed, want some")
	}
}

func testMaintainKeeps(t *testing.T) {
	t.Parallel()
	store := opened(t, sqlite.Options{Disk: 1000, Retention: time.Hour})
	ctx := t.Context()
	check(t, store.AppendTail(ctx, 0, 1, []byte("row")))
	must(store.SaveShardState(ctx, monitor.ShardState{Shard: 1, Decided: 5}))(t)
	check(t, store.PutIncident(ctx, monitor.Incident{ID: "a", Started: 1, Sequence: 1}))
	check(t, store.SaveNotices(ctx, []monitor.Notice{{Incident: "a", Sequence: 1, Channel: "shop/a"}}))
	_ = store.Maintain(ctx, now) // the limit cannot be kept
	if got := must(store.TailRows(ctx, 0, 0, 1))(t); len(got) != 1 {
		t.Errorf("got %d rows in the tail, want 1", len(got))
	}
	if got := must(store.ShardState(ctx, 1))(t); got.Decided != 5 {
		t.Errorf("got state %+v, want it kept", got)
	}
	must(store.Incident(ctx, "a"))(t)
	if got := must(store.NoticesOf(ctx, "a"))(t); len(got) != 1 {
		t.Errorf("got %d notices, want 1", len(got))
	}
}

func testMaintainBounded(t *testing.T) {
	t.Parallel()
	store := opened(t, sqlite.Options{Retention: time.Hour})
	const windows = 25_000
	var fold storage.Fold
	for i := range windows {
		fold.Windows = append(fold.Windows, monitor.Window{Endpoint: fmt.Sprintf("shop/%d", i), Location: "local"})
	}
	check(t, store.CommitFold(t.Context(), fold))
	left := func() (n int) {
		for _, w := range must(store.Windows(t.Context(), keysOf(fold.Windows)))(t) {
			if w.Revision > 0 {
				n++
			}
		}
		return n
	}
	check(t, store.Maintain(t.Context(), now))
	if got := left(); got == 0 || got == windows {
		t.Errorf("got %d windows after one call, want some of %d", got, windows)
	}
	check(t, store.Maintain(t.Context(), now))
	if got := left(); got != 0 {
		t.Errorf("got %d windows after two calls, want none", got)
	}
}

func keysOf(windows []monitor.Window) []monitor.WindowKey {
	keys := make([]monitor.WindowKey, len(windows))
	for i, w := range windows {
		keys[i] = monitor.WindowKey{Endpoint: w.Endpoint, Location: w.Location, Start: w.Start}
	}
	return keys
}

// metric returns the sum of a metric's values; of a histogram its count.
func metric(t testing.TB, from prometheus.Gatherer, name string) float64 {
	t.Helper()
	sum := 0.0
	for _, family := range must(from.Gather())(t) {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return sum
}
