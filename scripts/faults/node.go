package main

import (
	"context"
	"fmt"
	"slices"
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

// awaitStored waits until every result is stored of a check that was made before
// now. Those of an endpoint come in order: one of a later check says so of all
// before it.
func (r *run) awaitStored(ctx context.Context) error {
	now := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for i := range r.endpoints {
		if err := rig.Await(ctx, "the results are stored", 2*time.Minute, 50*time.Millisecond, func() (bool, error) {
			rows, err := r.api.newest(ctx, key(i), 20)
			return err == nil && slices.ContainsFunc(rows, func(r row) bool { return r.Start.After(now) }), nil
		}); err != nil {
			return fmt.Errorf("%s: %w", key(i), err)
		}
	}
	return nil
}
