// Command store keeps results: probe.results and shard.tick in.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Function("store", handler) }
