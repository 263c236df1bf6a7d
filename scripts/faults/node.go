package main

import (
	"context"
	"fmt"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/couchbase/node"
	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// The stores that the monitor can be put to the test with.
const (
	inFile    = "sqlite"
	inCluster = "couchbase"
)

// openStore starts what the monitor keeps everything in, if it is not a file of
// its own. It lives on through all kills.
func (r *run) openStore() error {
	switch r.store {
	case inFile:
		return nil
	case inCluster:
		var err error
		r.node, err = node.New(false)
		return err
	default:
		return fmt.Errorf("there is no store %q: there are %s and %s", r.store, inFile, inCluster)
	}
}

func (r *run) closeStore() {
	if r.node != nil {
		r.node.Close()
	}
}

// storeSettings are those of the monitor, as NAME=value.
func (r *run) storeSettings() []string {
	if r.node == nil {
		return nil
	}
	return node.Settings(r.node)
}

// aimsAtNode are ways to end the process when something has happened to the
// cluster.
func aimsAtNode() []aim {
	return []aim{
		{"the cluster cut all connections", cut},
		{"the cluster hung for longer than it is waited for", hung(15 * time.Second)},
	}
}

// cut kills soon after all connections to the cluster broke.
func cut(ctx context.Context, r *run) error {
	rig.Pause(ctx, r.lifetime())
	r.node.Disconnect()
	rig.Pause(ctx, upTo(unreported/4))
	return r.monitor.kill(r.aim.name, true)
}

// hung kills once the process has caught up with a cluster that hung: what was
// checked meanwhile waited in memory, and no promise holds for it before that.
func hung(span time.Duration) func(context.Context, *run) error {
	return func(ctx context.Context, r *run) error {
		rig.Pause(ctx, r.lifetime())
		r.node.Pause()
		rig.Pause(ctx, span)
		r.node.Resume()
		if err := r.awaitStored(ctx); err != nil {
			return err
		}
		return r.monitor.kill(r.aim.name, true)
	}
}

// The process's own figures of what is not stored yet.
const (
	oldestUnstored = `monitor_bus_oldest_unacknowledged_seconds{trigger="store"}`
	unsentRows     = "monitor_probe_buffered_rows"
)

// awaitStored waits until no result waits to be stored that was made before now.
func (r *run) awaitStored(ctx context.Context) error {
	usual := 2 * unreported.Seconds() * float64(r.endpoints) / r.interval.Seconds()
	err := rig.Await(ctx, "the results are stored", time.Minute, 50*time.Millisecond, func() (bool, error) {
		oldest, err := r.api.metric(ctx, oldestUnstored)
		if err != nil {
			return false, err
		}
		rows, err := r.api.metric(ctx, unsentRows)
		return oldest < 1 && rows < usual, err
	})
	rig.Pause(ctx, unreported)
	return err
}
