package main

import (
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	Shards int `envconfig:"MONITOR_SHARDS" default:"64" desc:"shares of the endpoints, a power of two; fixed at install"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error { return monitor.CheckShards(s.Shards) }

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	store, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(store.Close)
	env.Ready(store.Ready)
	a := alert.New(alert.Parts{
		Store: store, Shards: s.Shards, Slot: env.Settings.Slot,
		Clock: time.Now, Log: env.Log, Registry: env.Registry,
	})
	return a.Handler(), a.Replay(env.Context())
}
