package monitor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestCheckShards(t *testing.T) {
	t.Parallel()
	for shards, want := range map[int]monitor.Code{
		-64: monitor.Invalid, 0: monitor.Invalid, 1: "", 63: monitor.Invalid, 64: "", 1024: "", 2048: monitor.Invalid,
	} {
		if got := monitor.CodeOf(monitor.CheckShards(shards)); got != want {
			t.Errorf("%d shards: got code %q, want %q", shards, got, want)
		}
	}
}

func TestCheckLocation(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]monitor.Code{"local": "", "eu-west.1": "", "": monitor.Invalid, "Here": monitor.Invalid} {
		if got := monitor.CodeOf(monitor.CheckLocation(name)); got != want {
			t.Errorf("%q: got code %q, want %q", name, got, want)
		}
	}
}

func TestPlanCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		plan monitor.Plan
		want []string // settings at fault
	}{
		"the defaults will do":                {monitor.Plan{Slot: 10 * time.Second, Batches: 16, Shards: 64}, nil},
		"a batch for each shard will do":      {monitor.Plan{Slot: time.Second, Batches: 64, Shards: 64}, nil},
		"there cannot be more batches":        {monitor.Plan{Slot: time.Second, Batches: 128, Shards: 64}, []string{"MONITOR_BATCHES"}},
		"batches are a power of two":          {monitor.Plan{Slot: time.Second, Batches: 12, Shards: 64}, []string{"MONITOR_BATCHES"}},
		"a slot cannot be shorter":            {monitor.Plan{Slot: time.Second - 1, Batches: 1, Shards: 1}, []string{"MONITOR_SLOT"}},
		"everything at fault is told at once": {monitor.Plan{Batches: 3}, []string{"MONITOR_SHARDS", "MONITOR_SLOT", "MONITOR_BATCHES"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.plan.Check()
			if (err == nil) != (tt.want == nil) || err != nil && !errors.Is(err, monitor.Invalid) {
				t.Fatalf("got %v, want faults of %v", err, tt.want)
			}
			for _, setting := range tt.want {
				if !strings.Contains(err.Error(), setting) {
					t.Errorf("got %v, want it to name %s", err, setting)
				}
			}
		})
	}
}
