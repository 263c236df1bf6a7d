package standalone

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	reloadEvery   = time.Second      // how often the files are looked at
	maxPlaces     = 20               // faults of refused definitions whose places are told
	redefineEvery = 10 * time.Second // how often definitions that the store did not take are tried again
)

// define brings what the files say into the catalog and returns what changed.
func (a *App) define(ctx context.Context, wanted config.Definition) (monitor.CatalogChange, error) {
	change, err := query.Define(ctx, a.Store, func(current monitor.Catalog) monitor.CatalogChange {
		return config.Plan(current, wanted)
	})
	if err != nil {
		return change, err
	}
	a.demo.Store(a.Settings.demonstrates(wanted.Endpoints))
	if !change.Empty() {
		a.Log.Info("definitions are in force", telemetry.KeyEndpoints, len(withoutSelf(wanted.Endpoints)),
			telemetry.KeyChanged, len(withoutSelf(change.PutEndpoints)), telemetry.KeyRemoved, len(change.DeleteEndpoints))
	}
	return change, nil
}

// redefine does so again after a change of the files, and has what is new or
// changed checked at once.
func (a *App) redefine(ctx context.Context) error {
	wanted, err := a.Settings.load(a.Secrets.Check)
	if err != nil {
		return err
	}
	change, err := a.define(ctx, wanted)
	if err != nil {
		return err
	}
	a.checkNow(ctx, change.PutEndpoints)
	return nil
}

func (a *App) checkNow(ctx context.Context, endpoints []monitor.Endpoint) {
	endpoints = withoutSelf(endpoints)
	if len(endpoints) == 0 {
		return
	}
	if err := a.bus.Emit(ctx, a.schedule.CheckNow(endpoints)...); err != nil && ctx.Err() == nil {
		a.Log.Warn("new endpoints are first checked when they are due", telemetry.KeyEndpoints, len(endpoints), telemetry.KeyError, err)
	}
}

// rare returns those of the endpoints that the running slot may not reach.
func (a *App) rare(endpoints []monitor.Endpoint) []monitor.Endpoint {
	return slices.DeleteFunc(slices.Clone(endpoints), func(e monitor.Endpoint) bool { return e.Interval.D() <= a.Settings.Slot })
}

// watch follows the files until ctx ends. A file with faults changes nothing;
// one that the store does not take is tried again.
func (a *App) watch(ctx context.Context) error {
	faulty := promauto.With(a.Registry).NewGauge(prometheus.GaugeOpts{
		Name: "monitor_definitions_faulty",
		Help: "Whether the newest definitions have faults (1), so that the ones before them go on.",
	})
	config.Watch(ctx, a.Settings.File, a.Files, reloadEvery, func() {
		err := a.redefine(ctx)
		for err != nil && ctx.Err() == nil {
			faulty.Set(1)
			a.query.Refuse(refused(a.Settings.File, err))
			a.Log.Error("the changed definitions are not in force; the ones before go on", telemetry.KeyError, err)
			if !monitor.CodeOf(err).Retryable() {
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(redefineEvery):
				err = a.redefine(ctx)
			}
		}
		faulty.Set(0)
		a.query.Refuse(nil)
	})
	return nil
}

// refused says where the definitions of a file have their faults, without a
// word of what they hold and without the folders that lead to them.
func refused(file string, err error) *query.RefusedDefinitions {
	var faults config.Faults
	errors.As(err, &faults)
	definitions := query.RefusedDefinitions{Source: filepath.Base(file), Faults: len(faults), Places: []query.FaultPlace{}}
	for _, fault := range faults[:min(len(faults), maxPlaces)] {
		definitions.Places = append(definitions.Places, query.FaultPlace{
			File: filepath.Base(fault.File), Line: fault.Line, Column: fault.Column,
		})
	}
	return &definitions
}
