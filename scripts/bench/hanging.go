package main

import (
	"context"
	"fmt"
	"time"
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
	Others   Cost    `json:"others"` // its CPU is that of the whole process, over the checks of the others
	Overruns float64 `json:"overruns"`
	Skipped  float64 `json:"skipped"`
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
	if out.Others, err = b.windows.measure(ctx, t, m.PID()); err != nil {
		return out, err
	}
	if out.Overruns, err = m.Metric(ctx, "monitor_probe_overrun_total"); err != nil {
		return out, err
	}
	out.Skipped, err = m.Metric(ctx, "monitor_probe_skipped_total")
	return out, err
}
