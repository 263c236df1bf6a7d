package host

import "github.com/api-endpoint-monitor/monitor/shared/monitor"

// Sharding is the setting of every function that works by shard.
type Sharding struct {
	Shards int `envconfig:"MONITOR_SHARDS" default:"64" desc:"shares of the endpoints, a power of two; fixed at install"`
}

// Check returns an Invalid error for a number of shards that cannot be.
func (s Sharding) Check() error { return monitor.CheckShards(s.Shards) }
