// Command notify tells people of incidents: incident.changed in.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Function("notify", handler) }
