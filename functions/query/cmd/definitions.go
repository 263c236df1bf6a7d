package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// definitions are the files that say what is watched.
type definitions struct {
	path    string // "": there are none
	catalog query.Definitions
	log     *slog.Logger
}

// begin brings what the files say into the catalog, and goes on doing so when
// they change. Secrets are looked up where they are used, not here.
func (d definitions) begin(env host.Env) error {
	if d.path == "" {
		return nil
	}
	mark := config.MarkOf(d.path)
	if err := d.apply(env.Context()); err != nil {
		return err
	}
	env.Background(func(ctx context.Context) error {
		config.Watch(ctx, d.path, mark, time.Second, func() {
			if err := d.apply(ctx); err != nil && ctx.Err() == nil {
				d.log.Error("the changed definitions are not in force; the ones before go on", telemetry.KeyError, err)
			}
		})
		return nil
	})
	return nil
}

func (d definitions) apply(ctx context.Context) error {
	wanted, err := config.Load(d.path, nil)
	if err != nil {
		return err
	}
	_, err = query.Define(ctx, d.catalog, func(current monitor.Catalog) monitor.CatalogChange {
		return config.Plan(current, wanted)
	})
	return err
}
