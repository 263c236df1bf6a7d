// Command probe performs checks: probe.due in, probe.results out.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Function("probe", handler) }
