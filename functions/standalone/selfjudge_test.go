package standalone_test

import (
	"cmp"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		slot    time.Duration // 0: ten seconds
		slots   int           // that have gone by
		shared  bool
		change  func(before, now *standalone.Figures)
		waiting time.Duration
		want    []string
	}{
		"all is well": {slots: 6},
		"ten of a hundred checks may be late": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Late += 60 },
		},
		"more may not": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Late += 61 },
			want: []string{"61 of 600 checks started more than 1s late"},
		},
		"a minute has not gone by": {
			slots: 5, change: func(_, now *standalone.Figures) { now.Late += 500; now.Skipped += 500; now.Dead++ },
		},
		"skipped by probe": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Skipped += 31 },
			want: []string{"31 of 600 checks were skipped"},
		},
		"skipped because their slot came too late": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Missed += 600 },
			want: []string{"600 of 1200 checks were skipped"},
		},
		"no slots": {
			slots: 6, change: func(before, now *standalone.Figures) { now.Slots, now.Planned = before.Slots, before.Planned },
			want: []string{"no slot was planned for 1m"},
		},
		"no checks though they were planned": {
			slots: 6, change: func(before, now *standalone.Figures) { now.Made = before.Made },
			want: []string{"no check was made for 1m"},
		},
		"what is planned here may be checked and stored by another process": {
			slots: 6, shared: true, change: func(before, now *standalone.Figures) { now.Made, now.Stored = before.Made, before.Stored },
		},
		"what is checked here may be planned by another process, and not each skipped check is too many": {
			slots: 6, shared: true, change: func(before, now *standalone.Figures) { now.Planned = before.Planned; now.Skipped += 31 },
		},
		"but more than a twentieth of those that are checked here is": {
			slots: 6, shared: true, change: func(before, now *standalone.Figures) { now.Planned = before.Planned; now.Skipped += 32 },
			want: []string{"32 of 632 checks were skipped"},
		},
		"a slot that no process planned is": {
			slots: 6, shared: true, change: func(before, now *standalone.Figures) { now.Slots = before.Slots },
			want: []string{"no slot was planned for 1m"},
		},
		"what nobody sees is, wherever it was stored": {
			slots: 6, shared: true, change: func(before, now *standalone.Figures) { now.Seen = before.Seen },
			want: []string{"no result reached the dashboard for 1m"},
		},
		"nothing stored and nothing shown": {
			slots: 6, change: func(before, now *standalone.Figures) { now.Stored, now.Seen = before.Stored, before.Seen },
			want: []string{"no result was stored for 1m", "no result reached the dashboard for 1m"},
		},
		"a dead letter": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Dead++ },
			want: []string{"1 events could not be delivered and are dead letters"},
		},
		"a change that was given up": {
			slots: 6, change: func(_, now *standalone.Figures) { now.Untold++ },
			want: []string{"1 changes of incidents could not be told and were given up"},
		},
		"a request to probe may take two slots and its timeout": {
			slots: 1, change: func(_, now *standalone.Figures) { now.Stuck, now.Where = 85, "probe" },
		},
		"a stuck event": {
			slots: 1, change: func(_, now *standalone.Figures) { now.Stuck, now.Where = 141, "alert-results" },
			want: []string{"an event has waited for 2m21s at alert-results"},
		},
		"folds behind": {
			slots: 1, change: func(_, now *standalone.Figures) { now.Lag = 601 },
			want: []string{"results have waited for 10m1s to be folded"},
		},
		"folds wait for their tick, however far apart the slots are": {
			slots: 1, slot: 6 * time.Minute, change: func(_, now *standalone.Figures) { now.Lag = 720 },
		},
		"but not for two of them": {
			slots: 1, slot: 6 * time.Minute, change: func(_, now *standalone.Figures) { now.Lag = 721 },
			want: []string{"results have waited for 12m1s to be folded"},
		},
		"a notice that nobody takes": {
			slots: 1, waiting: 5*time.Minute + time.Second,
			want: []string{"a notice has waited for 5m1s to be accepted"},
		},
		"a notice that was just written": {slots: 1, waiting: 5 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			figures := []standalone.Figures{{}}
			for range test.slots {
				next := figures[len(figures)-1]
				next.Slots, next.Planned, next.Made = next.Slots+1, next.Planned+100, next.Made+100
				next.Stored, next.Seen = next.Stored+101, next.Seen+101
				figures = append(figures, next)
			}
			if test.change != nil {
				test.change(&figures[0], &figures[test.slots])
			}
			got := standalone.Problems(cmp.Or(test.slot, 10*time.Second), test.shared, figures, test.waiting)
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Fatalf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
