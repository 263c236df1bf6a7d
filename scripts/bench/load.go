package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Load is one row: so many endpoints, each checked so often.
type Load struct {
	Endpoints int           `json:"endpoints"`
	Interval  time.Duration `json:"interval_ns"`
}

// LoadResult is what a load cost. CPU is process CPU time, user and system, of
// the process alone and not of the target.
type LoadResult struct {
	Load
	Before    Cost          `json:"reference_before"` // the bare loop, ahead of the monitor
	After     Cost          `json:"reference_after"`  // and behind it
	Monitor   Cost          `json:"monitor"`
	Reference time.Duration `json:"reference_cpu_median_ns"` // of the bare loop: the median of both runs
	Ratio     float64       `json:"ratio"`                   // of the CPU a check costs: the monitor's to the reference's
	Memory    int64         `json:"memory_bytes"`            // resident, of an endpoint
	Disk      Disk          `json:"disk"`
	Checks    float64       `json:"checks_a_second"` // that reached the target
	Wanted    float64       `json:"wanted_a_second"`
}

// Cost is what one process did in its windows.
type Cost struct {
	CPU    []time.Duration `json:"cpu_ns"` // of a check, one for each window, in order
	Middle time.Duration   `json:"cpu_median_ns"`
	OnTime float64         `json:"on_time"` // share of the wanted checks that came less than 50 ms late
	P50    time.Duration   `json:"lateness_p50_ns"`
	P99    time.Duration   `json:"lateness_p99_ns"`
}

// late is from when on a check is not on time.
const late = 50 * time.Millisecond

// windows say how a process is measured.
type windows struct {
	settle time.Duration // after every endpoint was checked once
	length time.Duration
	count  int
	look   func() error // called before the first one and behind the last one; nil: not
}

// measure takes the windows of a process that works on the target.
func (w windows) measure(ctx context.Context, t *target, pid int) (Cost, error) {
	var c Cost
	var lasted time.Duration
	whole := make(reading, len(t.arrivals.counts))
	rig.Pause(ctx, w.settle)
	if w.look != nil {
		if err := w.look(); err != nil {
			return c, err
		}
	}
	for range w.count {
		before, began := t.arrivals.read(), time.Now()
		spent, err := cpuTime(pid)
		if err != nil {
			return c, err
		}
		rig.Pause(ctx, w.length-time.Since(began))
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		after, err := cpuTime(pid)
		if err != nil {
			return c, err
		}
		seen := t.arrivals.read().since(before)
		lasted += time.Since(began)
		c.CPU = append(c.CPU, (after-spent)/time.Duration(max(seen.count(), 1)))
		for i := range whole {
			whole[i] += seen[i]
		}
	}
	if w.look != nil {
		if err := w.look(); err != nil {
			return c, err
		}
	}
	wanted := float64(t.answering()) * float64(lasted) / float64(t.interval)
	c.Middle = median(c.CPU)
	c.OnTime = min(float64(whole.within(late))/wanted, 1)
	c.P50, c.P99 = whole.percentile(.5), whole.percentile(.99)
	return c, nil
}

// run measures one load: the reference, the monitor, and the reference again.
func (b *bench) run(ctx context.Context, load Load, windows windows) (LoadResult, error) {
	out := LoadResult{Load: load, Wanted: float64(load.Endpoints) / load.Interval.Seconds()}
	t, err := newTarget(load.Endpoints, load.Interval, loadNetwork, nil)
	if err != nil {
		return out, err
	}
	defer t.close()
	if out.Before, err = b.runReference(ctx, t); err != nil {
		return out, fmt.Errorf("the reference: %w", err)
	}
	if err := b.runMonitor(ctx, t, windows, &out); err != nil {
		return out, fmt.Errorf("the monitor: %w", err)
	}
	if out.After, err = b.runReference(ctx, t); err != nil {
		return out, fmt.Errorf("the reference: %w", err)
	}
	out.Reference = median(slices.Concat(out.Before.CPU, out.After.CPU))
	out.Ratio = float64(out.Monitor.Middle) / float64(out.Reference)
	return out, nil
}

func (b *bench) runReference(ctx context.Context, t *target) (Cost, error) {
	ctx, stop := context.WithCancel(ctx)
	command, err := startReference(ctx, t)
	if err != nil {
		stop()
		return Cost{}, err
	}
	defer func() {
		stop()
		_ = command.Wait() // it was told to end
	}()
	if err := b.allSeen(ctx, t); err != nil {
		return Cost{}, err
	}
	few := b.windows
	few.count = min(few.count, 2)
	return few.measure(ctx, t, command.Process.Pid)
}

func (b *bench) runMonitor(ctx context.Context, t *target, windows windows, out *LoadResult) error {
	m, err := b.start(ctx, t, "")
	if err != nil {
		return err
	}
	defer m.Abandon()
	if err := b.allSeen(ctx, t); err != nil {
		return fmt.Errorf("%w\n%s", err, m.Log)
	}
	began, before := time.Now(), t.arrivals.read()
	if out.Monitor, err = windows.measure(ctx, t, m.PID()); err != nil {
		return err
	}
	out.Checks = float64(t.arrivals.read().since(before).count()) / time.Since(began).Seconds()
	memory, err := resident(m.PID())
	if err != nil {
		return err
	}
	out.Memory = memory / int64(len(t.endpoints))
	if err := m.Terminate(); err != nil || b.noFile {
		return err
	}
	out.Disk, err = b.settleDisk(ctx, m, t.arrivals.read().count(), len(t.endpoints))
	return err
}

// start starts the monitor over the target's endpoints, with definitions of
// the channels if there are any.
func (b *bench) start(ctx context.Context, t *target, channels string) (*rig.Monitor, error) {
	dir, err := os.MkdirTemp(b.dir, "monitor")
	if err != nil {
		return nil, err
	}
	for i := range t.endpoints {
		t.endpoints[i].phase.Store(int64(monitor.Phase("bench/"+name(i), t.interval)))
		t.endpoints[i].seen.Store(false)
	}
	t.arrivals.forget()
	if err := os.WriteFile(filepath.Join(dir, "monitor.yaml"), []byte(definitions(t, channels)), 0o600); err != nil {
		return nil, err
	}
	addr, err := rig.FreeAddr()
	if err != nil {
		return nil, err
	}
	everyMinute := "MONITOR_FOLD_AFTER=0" // the dearest: a span that is measured holds as many folds as any other
	m := &rig.Monitor{Program: b.program, Dir: dir, Addr: addr, Settings: append([]string{everyMinute}, b.settings...), Log: &rig.Log{}}
	if err := m.Start(); err != nil {
		return nil, err
	}
	if err := m.AwaitReady(ctx); err != nil {
		m.Abandon()
		return nil, err
	}
	return m, nil
}

func name(i int) string { return fmt.Sprintf("e%05d", i) }

// definitions returns the monitor.yaml of a target.
func definitions(t *target, channels string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "namespace: bench\ndefaults: {interval: %s, timeout: %s}\n", t.interval, t.timeout)
	b.WriteString(channels)
	b.WriteString("endpoints:\n")
	for i := range t.endpoints {
		alert := ""
		if channels != "" {
			alert = ", alert: {after: 1, recover: 1, channels: [hook]}"
		}
		fmt.Fprintf(&b, "  - {name: %s, http: {url: \"http://%s%s%d\"}%s}\n", name(i), t.endpoints[i].addr, pathStart, i, alert)
	}
	return b.String()
}

func (b *bench) allSeen(ctx context.Context, t *target) error {
	return rig.Await(ctx, "every endpoint was checked", 2*time.Minute, 50*time.Millisecond, func() (bool, error) {
		return t.unseen() == 0, nil
	})
}
