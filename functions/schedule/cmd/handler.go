package main

import (
	"errors"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	Shards   int    `envconfig:"MONITOR_SHARDS" default:"64" desc:"shares of the endpoints, a power of two; fixed at install"`
	Batches  int    `envconfig:"MONITOR_BATCHES" default:"16" desc:"most probe.due events a slot and location, a power of two"`
	Location string `envconfig:"MONITOR_LOCATION" default:"local" desc:"name of the place that checks are made from"`
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	err := env.Load(&s)
	if err == nil {
		err = s.validate(env.Settings.Slot)
	}
	if err != nil {
		return nil, err
	}
	store, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(store.Close)
	env.Ready(store.Ready)
	return schedule.New(schedule.Parts{
		Catalog: store, Claims: store, Locations: []string{s.Location},
		Plan:  monitor.Plan{Slot: env.Settings.Slot, Batches: s.Batches, Shards: s.Shards},
		Clock: time.Now, Log: env.Log, Registry: env.Registry,
	}).Handler(), nil
}

func (s settings) validate(slot time.Duration) error {
	power := func(n int) bool { return n > 0 && n&(n-1) == 0 }
	var faults []error
	if slot < time.Second {
		faults = append(faults, monitor.FieldErrorf("MONITOR_SLOT", "must be at least 1s, got %s", slot))
	}
	if !power(s.Shards) {
		faults = append(faults, monitor.FieldErrorf("MONITOR_SHARDS", "must be a power of two, got %d", s.Shards))
	}
	if !power(s.Batches) || s.Batches > s.Shards {
		faults = append(faults, monitor.FieldErrorf("MONITOR_BATCHES", "must be a power of two up to MONITOR_SHARDS, got %d", s.Batches))
	}
	if !monitor.ValidID(s.Location) {
		faults = append(faults, monitor.FieldErrorf("MONITOR_LOCATION", "must be 1 to 100 of a-z, 0-9, dot, underscore, hyphen, got %q", s.Location))
	}
	return errors.Join(faults...)
}
