package standalone

import (
	"context"
	"slices"

	"github.com/api-endpoint-monitor/monitor/functions/query/definitions"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// keeper keeps the catalog at what the files say.
func (a *App) keeper() *definitions.Keeper {
	return definitions.New(definitions.Parts{
		Path: a.Settings.File, Mark: a.Files, Catalog: a.Store, Emit: a.broker.Emit, Refuse: a.query.Refuse,
		Read: func() (config.Definition, error) {
			wanted, err := a.Settings.load(a.Secrets.Check)
			if err == nil {
				a.demo.Store(a.Settings.demonstrates(wanted.Endpoints))
			}
			return wanted, err
		},
		Count: withoutSelf, Log: a.Log, Registry: a.Registry,
	})
}

// checkNow has endpoints checked that were new at the start.
func (a *App) checkNow(ctx context.Context, endpoints []monitor.Endpoint) {
	endpoints = withoutSelf(endpoints)
	if len(endpoints) == 0 {
		return
	}
	if err := a.broker.Emit(ctx, a.schedule.CheckNow(endpoints)...); err != nil && ctx.Err() == nil {
		a.Log.Warn("new endpoints are first checked when they are due", telemetry.KeyEndpoints, len(endpoints), telemetry.KeyError, err)
	}
}

// rare returns those of the endpoints that the running slot may not reach.
func (a *App) rare(endpoints []monitor.Endpoint) []monitor.Endpoint {
	return slices.DeleteFunc(slices.Clone(endpoints), func(e monitor.Endpoint) bool { return e.Interval.D() <= a.Settings.Slot })
}
