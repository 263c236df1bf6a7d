package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
)

// asked is what a node had been asked at a time.
type asked struct {
	at     time.Time
	cpu    time.Duration
	counts []node.Count
}

func readAsked(n *node.Process) (asked, error) {
	counts, err := n.Counts()
	if err != nil {
		return asked{}, err
	}
	cpu, err := cpuTime(n.PID())
	return asked{time.Now(), cpu, counts}, err
}

// since returns what was asked after the time before.
func (a asked) since(before asked) Asked {
	out := Asked{Span: a.at.Sub(before.at), CPU: a.cpu - before.cpu}
	for _, now := range a.counts {
		for _, then := range before.counts {
			if then.Operation == now.Operation && then.Collection == now.Collection && then.Durable == now.Durable {
				now.Requests, now.In, now.Out = now.Requests-then.Requests, now.In-then.In, now.Out-then.Out
			}
		}
		if now.Requests > 0 {
			out.Counts = append(out.Counts, now)
		}
	}
	return out
}

// runBeside measures the whole monitor on SQLite and then on a node, and counts
// what the node is asked in the windows.
func (b *bench) runBeside(ctx context.Context, load Load, report *CouchbaseReport) (err error) {
	file, err := b.run(ctx, load, b.windows)
	if err != nil {
		return fmt.Errorf("the monitor on SQLite: %w", err)
	}
	n, err := startNode(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.End()) }()
	var looks []asked
	windows := b.windows
	windows.look = func() error {
		now, err := readAsked(n)
		looks = append(looks, now)
		return err
	}
	cluster, err := b.on(n).run(ctx, load, windows)
	if err != nil {
		return fmt.Errorf("the monitor on Couchbase: %w", err)
	}
	report.Loads = append(report.Loads, file, cluster)
	report.Asked = looks[1].since(looks[0])
	return nil
}

// outagesOnNode times the webhooks of a monitor that keeps everything on a node.
func (b *bench) outagesOnNode(ctx context.Context, plan couchbasePlan) (results []OutageResult, err error) {
	if plan.outages == 0 {
		return nil, nil
	}
	n, err := startNode(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.End()) }()
	results, err = b.on(n).runOutages(ctx, plan.load.Interval, plan.outages)
	if err != nil {
		return results, fmt.Errorf("outages on Couchbase: %w", err)
	}
	return results, nil
}

// on returns a run whose monitor keeps everything on the node.
func (b *bench) on(n *node.Process) *bench {
	out := *b
	out.settings, out.noFile = n.Settings, true
	return &out
}
