// Command standalone runs the whole API Endpoint Monitor in one process.
package main

import (
	"context"
	"os"

	"github.com/api-endpoint-monitor/monitor/functions/standalone"
	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func main() {
	host.Main(func(ctx context.Context) error {
		return standalone.Program{Out: os.Stdout, Log: os.Stderr}.Run(ctx, os.Args[1:])
	})
}
