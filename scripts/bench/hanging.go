package main

import (
	"context"
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// Crowd is endpoints of which some never answer.
type Crowd struct {
	Endpoints int           `json:"endpoints"`
	Hanging   int           `json:"hanging"`
	Interval  time.Duration `json:"interval_ns"`
	Timeout   time.Duration `json:"timeout_ns"`
}

// CrowdResult is how the checks of those that answer fared, and what came of
// the others.
type CrowdResult struct {
	Crowd
	Reference Cost    `json:"reference"` // the bare loop, before any of them hangs
	Others    Cost    `json:"others"`    // its CPU is that of the whole process, over the checks of the others
	Overruns  float64 `json:"overruns"`  // while it was measured; of those that hang alone
	Skipped   float64 `json:"skipped"`   // of any; it tells of a load that is too high
}

// runCrowd measures a crowd. Every so many endpoints, one hangs.
func (b *bench) runCrowd(ctx context.Context, crowd Crowd) (CrowdResult, error) {
	out := CrowdResult{Crowd: crowd}
	t, err := newTarget(crowd.Endpoints, crowd.Interval, loadNetwork, nil)
	if err != nil {
		return out, err
	}
	defer t.close()
	t.timeout = crowd.Timeout
	if out.Reference, err = b.runReference(ctx, t); err != nil {
		return out, fmt.Errorf("the reference: %w", err)
	}
	for i := range crowd.Hanging {
		t.endpoints[i*crowd.Endpoints/crowd.Hanging].mode.Store(int32(hanging))
	}
	m, err := b.start(ctx, t, "")
	if err != nil {
		return out, err
	}
	defer m.Abandon()
	if err := b.allSeen(ctx, t); err != nil {
		return out, fmt.Errorf("%w\n%s", err, m.Log)
	}
	overruns, skipped, err := notMade(ctx, m)
	if err != nil {
		return out, err
	}
	if out.Others, err = b.windows.measure(ctx, t, m.PID()); err != nil {
		return out, err
	}
	err = rig.Await(ctx, "a check overruns", time.Minute, 50*time.Millisecond, func() (bool, error) {
		var err error
		out.Overruns, out.Skipped, err = notMade(ctx, m)
		out.Overruns, out.Skipped = out.Overruns-overruns, out.Skipped-skipped
		return out.Overruns > 0, err
	})
	return out, err
}

// notMade returns how many checks could not be made so far, and why.
func notMade(ctx context.Context, m *rig.Monitor) (overruns, skipped float64, err error) {
	if overruns, err = m.Metric(ctx, "monitor_probe_overrun_total"); err != nil {
		return 0, 0, err
	}
	skipped, err = m.Metric(ctx, "monitor_probe_skipped_total")
	return overruns, skipped, err
}
