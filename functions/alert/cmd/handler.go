package main

import (
	"errors"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	host.Sharding
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error { return errors.Join(s.Settings.Check(), s.Sharding.Check()) }

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
		Store: store, Shards: s.Shards, Slot: env.Settings.Slot, Held: env.Holds(),
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	})
	if env.Holds() { // what is not decided on comes again
		return a.Handler(), nil
	}
	return a.Handler(), a.Replay(env.Context())
}
