package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase"
)

// The arguments that make the program a client of a cluster, or its only node.
const (
	clientCommand = "client"
	nodeCommand   = "node"
)

// The clients of a cluster, by what they do.
const (
	keepOurs   = "keep"        // results of checks each second, as the function store does
	keepOften  = "keep-often"  // results of checks each minute, folded each minute
	keepSeldom = "keep-seldom" // the same, folded every five minutes, as store does
	keepBulk   = "keep-bulk"   // results, one document each, many to a call
	keepEach   = "keep-each"   // so too, one to a call of one of many goroutines
	chartOurs  = "chart"       // the results of a day, as the function query reads them
	chartCells = "chart-cells" // their sums by the minute
	chartBulk  = "chart-bulk"  // the results of a day, one document each
)

// clientMemory is from where on a client collects garbage: the same for all, or who
// keeps large buffers for nothing would have less to do.
const clientMemory = 128 << 20

// client works on a cluster.
type client interface {
	// do does the order of a number, whose meaning is the client's own.
	do(ctx context.Context, number int) error
	close() error
}

// serveClient is the process: it says when it is ready, and when each order
// is done. The cluster is that of its settings.
func serveClient(ctx context.Context, name, size string, orders io.Reader, says io.Writer) (err error) {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(clientMemory)
	var settings couchbase.Settings
	if err := host.Load(&settings); err != nil {
		return err
	}
	number, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	c, err := newClient(ctx, settings, name, number)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	fmt.Fprintln(says, "ready")
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		number, err := strconv.Atoi(lines.Text())
		if err != nil {
			return err
		}
		if err := c.do(ctx, number); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintln(says, "done")
	}
	return nil
}

func newClient(ctx context.Context, settings couchbase.Settings, name string, size int) (client, error) {
	switch name {
	case keepOurs:
		return newKeeper(ctx, settings, size, checked{name, time.Second, 1})
	case keepOften:
		return newKeeper(ctx, settings, size, checked{name, time.Minute, 1})
	case keepSeldom:
		return newKeeper(ctx, settings, size, checked{name, time.Minute, seldom})
	case keepBulk, keepEach:
		return newBarekeeper(settings, name == keepBulk, size)
	case chartOurs, chartCells:
		return newChart(ctx, settings, name == chartCells, size)
	case chartBulk:
		return newBareChart(settings, size)
	default:
		return nil, monitor.Errorf(monitor.Invalid, "there is no client %q", name)
	}
}
