package main

import (
	"errors"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	host.Sharding
	Batches  int    `envconfig:"MONITOR_BATCHES" default:"16" desc:"most probe.due events a slot and location, a power of two"`
	Location string `envconfig:"MONITOR_LOCATION" default:"local" desc:"name of the place that checks are made from"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	return errors.Join(s.Settings.Check(), s.Sharding.Check(), monitor.CheckLocation(s.Location))
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	plan := monitor.Plan{Slot: env.Settings.Slot, Batches: s.Batches, Shards: s.Shards}
	if err := plan.Check(); err != nil {
		return nil, err
	}
	store, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(store.Close)
	env.Ready(store.Ready)
	return schedule.New(schedule.Parts{
		Catalog: store, Claims: store, States: store, Locations: []string{s.Location}, Plan: plan,
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	}).Handler(), nil
}
