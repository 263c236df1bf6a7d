// Command alert decides on health: probe.results and shard.tick in,
// incident.changed out.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Function("alert", handler) }
