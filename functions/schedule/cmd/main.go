// Command schedule plans checks: ping in, probe.due and shard.tick out.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Function("schedule", handler) }
