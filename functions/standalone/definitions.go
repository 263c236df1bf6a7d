package standalone

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// reloadEvery is how often the files are looked at.
const reloadEvery = time.Second

// define brings what the files say into the catalog and returns what changed.
func (a *App) define(ctx context.Context, wanted config.Definition) (monitor.CatalogChange, error) {
	change, err := query.Define(ctx, a.Store, func(current monitor.Catalog) monitor.CatalogChange {
		return config.Plan(current, wanted)
	})
	if err != nil || change.Empty() {
		return change, err
	}
	a.Log.Info("definitions are in force", telemetry.KeyEndpoints, len(wanted.Endpoints),
		telemetry.KeyChanged, len(change.PutEndpoints), telemetry.KeyRemoved, len(change.DeleteEndpoints))
	return change, nil
}

// redefine does so again after a change of the files, and has what is new or
// changed checked at once.
func (a *App) redefine(ctx context.Context) error {
	wanted, err := config.Load(a.Settings.File, a.Secrets.Check)
	if err != nil {
		return err
	}
	change, err := a.define(ctx, wanted)
	if err != nil {
		return err
	}
	return a.bus.Emit(ctx, a.schedule.CheckNow(change.PutEndpoints)...)
}

// watch follows the files until ctx ends. A file with faults changes nothing.
func (a *App) watch(ctx context.Context) error {
	faulty := promauto.With(a.Registry).NewGauge(prometheus.GaugeOpts{
		Name: "monitor_definitions_faulty",
		Help: "Whether the newest definitions have faults (1), so that the ones before them go on.",
	})
	config.Watch(ctx, a.Settings.File, a.Files, reloadEvery, func() {
		err := a.redefine(ctx)
		if err == nil || ctx.Err() != nil {
			faulty.Set(0)
			return
		}
		faulty.Set(1)
		a.Log.Error("the changed definitions are not in force; the ones before go on", telemetry.KeyError, err)
	})
	return nil
}
