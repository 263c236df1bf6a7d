package main

import (
	"context"
	"errors"

	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	host.Sharding
	Fold store.Settings
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	return errors.Join(s.Settings.Check(), s.Sharding.Check(), s.Fold.Check())
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	records, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(records.Close)
	env.Ready(records.Ready)
	f := store.New(store.Parts{
		Records: records, Shards: s.Shards, FoldAfter: s.Fold.FoldAfter, Slot: env.Settings.Slot,
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	})
	env.Background(f.Run)
	env.Background(func(ctx context.Context) error { return drivers.Keep(ctx, records, env.Clock, env.Log) })
	return f.Handler(), nil
}
