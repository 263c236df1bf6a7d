// Command query answers the API, the live stream and the dashboard.
package main

import "github.com/api-endpoint-monitor/monitor/shared/host"

func main() { host.Web("query", handler) }
