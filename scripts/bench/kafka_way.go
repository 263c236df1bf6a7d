package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// wayCommand is the argument that makes the program a way of events.
const wayCommand = "way"

// The ways from an emitter to handlers, by what is on them. They are topics, too.
const (
	wayBare  = "bare"
	wayHost  = "host"
	wayWhole = "whole"
)

// order is what a way is told: to bring so many events of so many results.
type order struct{ results, events int }

// way brings events from a sender to all groups.
type way interface {
	// send sends the events, and returns once the broker has them.
	send(ctx context.Context, o order) error
	close() error
}

// serveWay is the process: it says when each order is done.
func serveWay(ctx context.Context, name, address string, orders io.Reader, says io.Writer) (err error) {
	read := &tally{counts: make([]atomic.Int64, len(groups()))}
	var w way
	if name == wayBare {
		w, err = newBare(ctx, address, read)
	} else {
		w, err = newHosted(ctx, name, address, read)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	sent := 0
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		var o order
		if _, err := fmt.Sscan(lines.Text(), &o.results, &o.events); err != nil {
			return err
		}
		if err := w.send(ctx, o); err != nil {
			return err
		}
		sent += o.events
		if err := read.await(ctx, sent); err != nil {
			return err
		}
		fmt.Fprintln(says, "done")
	}
	return nil
}

// tally counts the events that each group has read.
type tally struct{ counts []atomic.Int64 }

func (t *tally) await(ctx context.Context, events int) error {
	return rig.Await(ctx, "every group has read every event", 2*time.Minute, 2*time.Millisecond, func() (bool, error) {
		for i := range t.counts {
			if t.counts[i].Load() < int64(events) {
				return false, nil
			}
		}
		return true, nil
	})
}

// round has an order done and returns the CPU time that it took.
func (o order) round(way *running) (time.Duration, error) {
	took, err := way.order(o.results, o.events)
	return took.cpu, err
}

// inFlight is how many events wait to be acknowledged at most: probe has one of
// each shard.
const inFlight = shards

// loads is how many different events of a size there are: as many as are in
// flight, so that none compresses by being there twice.
const loads = inFlight

func keyOf(n int) string { return monitor.ShardKey(n % shards) }

// resultsOf returns the results of one event: passes of different endpoints, as
// most are.
func resultsOf(n, count int) *events.ProbeResults {
	chance := rand.New(rand.NewPCG(uint64(n), uint64(count))) //nolint:gosec // chance, not secrets
	out := &events.ProbeResults{Shard: n % shards, Location: "local"}
	due := monitor.Instant(1_790_000_000_000 + 1000*n)
	for i := range count {
		took := 800 + chance.Int64N(40_000)
		at := due + monitor.Instant(chance.Int64N(10_000))
		out.Rows = append(out.Rows, monitor.Result{
			Endpoint: "shop/checkout-" + strconv.Itoa(n+i*shards), Due: at, Start: at + monitor.Instant(chance.Int64N(3)),
			Kind: monitor.Scheduled, Outcome: monitor.Passed, Micros: took, Status: 200, Bytes: 100 + chance.Int64N(900),
			Phases: monitor.Phases{FirstByte: took - 60, Transfer: 50 + chance.Int64N(10)},
		})
	}
	return out
}
