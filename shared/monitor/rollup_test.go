package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestCellCount(t *testing.T) {
	t.Parallel()
	t.Run("sums up what was scheduled", func(t *testing.T) {
		t.Parallel()
		var cell monitor.Cell
		for n, r := range story("ppdfumclr") {
			r.Micros = int64(100 * (n + 1))
			r.Start = r.Due.Add(time.Duration(n) * 25 * time.Millisecond)
			cell.Count(&r)
		}
		want := monitor.Cell{Passed: 2, Degraded: 1, Failed: 1, Unknown: 1, Late: 3, Micros: 600, Min: 100, Max: 300}
		if diff := cmp.Diff(want, cell); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	})
	t.Run("does not call a check late that never started", func(t *testing.T) {
		t.Parallel()
		cell, r := monitor.Cell{}, check('u', 0)
		r.Start = 0
		cell.Count(&r)
		if cell.Late != 0 {
			t.Errorf("got %d late, want 0", cell.Late)
		}
	})
	t.Run("knows no uptime where nothing was seen", func(t *testing.T) {
		t.Parallel()
		for letters, want := range map[string]float64{"": -1, "uuu": -1, "pp": 1, "pf": 0.5, "dfuu": 0.5, "ff": 0} {
			var cell monitor.Cell
			for _, r := range story(letters) {
				cell.Count(&r)
			}
			got, known := cell.Uptime()
			if known != (want >= 0) || known && got != want {
				t.Errorf("%q: got %v, %v, want %v", letters, got, known, want)
			}
		}
	})
}

func TestCellAdd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := story(letters("pdfum").Draw(t, "results"))
		var whole monitor.Cell
		for i := range rows {
			rows[i].Micros = rapid.Int64Range(0, 5).Draw(t, "us")
			rows[i].Start = rows[i].Due.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "late")) * time.Millisecond)
			whole.Count(&rows[i])
		}
		parts := make([]monitor.Cell, 4)
		for i := range rows {
			parts[rapid.IntRange(0, 3).Draw(t, "part")].Count(&rows[i])
		}
		var sum monitor.Cell
		for i := range parts {
			sum.Add(&parts[i])
		}
		if diff := cmp.Diff(whole, sum); diff != "" {
			t.Fatalf("counted at once -, in parts +:\n%s", diff)
		}
		scheduled := 0
		for _, r := range rows {
			if r.Kind == monitor.Scheduled {
				scheduled++
			}
		}
		if sum.Total() != scheduled {
			t.Fatalf("got %d results in all, want %d", sum.Total(), scheduled)
		}
	})
}

func TestPackStart(t *testing.T) {
	t.Parallel()
	moment := monitor.At(time.Date(2028, 2, 29, 23, 59, 59, 999e6, time.UTC))
	for tier, want := range map[monitor.Tier]time.Time{
		monitor.Minutes: time.Date(2028, 2, 29, 23, 0, 0, 0, time.UTC),
		monitor.Hours:   time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
		monitor.Days:    time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := tier.PackStart(moment).Time(); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", tier, got, want)
		}
		if start := tier.PackStart(moment); tier.PackStart(start) != start {
			t.Errorf("%s: the start of a pack lies in another one", tier)
		}
	}
}
