// Package definitions keeps the catalog at what files say of it: for every
// process that reads such files.
package definitions

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

const (
	lookEvery  = time.Second      // how often the files are looked at
	retryEvery = 10 * time.Second // how often definitions that the store did not take are tried again
)

// Parts are what a Keeper is made of. All but Count are needed.
type Parts struct {
	Path     string                            // a file, or a folder of them
	Mark     config.Mark                       // the content that is in force at the start
	Read     func() (config.Definition, error) // reads Path; Invalid: it has faults
	Catalog  query.Definitions
	Emit     events.Emit                                 // wakes schedule, which has what is new checked at once
	Refuse   func(*query.RefusedDefinitions)             // is told where the newest definitions have faults, and nil once they have none
	Count    func([]monitor.Endpoint) []monitor.Endpoint // those of which the log speaks; nil: all
	Log      *slog.Logger
	Registry prometheus.Registerer
}

// Keeper keeps the catalog at what the files say.
type Keeper struct {
	parts  Parts
	faulty prometheus.Gauge
}

// New returns a Keeper that has read nothing yet.
func New(parts Parts) *Keeper {
	if parts.Count == nil {
		parts.Count = func(all []monitor.Endpoint) []monitor.Endpoint { return all }
	}
	return &Keeper{parts, promauto.With(parts.Registry).NewGauge(prometheus.GaugeOpts{
		Name: "monitor_definitions_faulty",
		Help: "Whether the newest definitions have faults (1), so that the ones before them go on.",
	})}
}

// Define brings the definitions into the catalog and returns what changed.
func (k *Keeper) Define(ctx context.Context, wanted config.Definition) (monitor.CatalogChange, error) {
	change, err := query.Define(ctx, k.parts.Catalog, func(current monitor.Catalog) monitor.CatalogChange {
		return config.Plan(current, wanted)
	})
	if err == nil && !change.Empty() {
		k.parts.Log.Info("definitions are in force", telemetry.KeyEndpoints, len(k.parts.Count(wanted.Endpoints)),
			telemetry.KeyChanged, len(k.parts.Count(change.PutEndpoints)), telemetry.KeyRemoved, len(change.DeleteEndpoints))
	}
	return change, err
}

// Follow follows the files until ctx ends. A file with faults changes nothing;
// one that the store does not take is tried again.
func (k *Keeper) Follow(ctx context.Context) error {
	config.Watch(ctx, k.parts.Path, k.parts.Mark, lookEvery, func() { k.reload(ctx) })
	return nil
}

func (k *Keeper) reload(ctx context.Context) {
	err := k.redefine(ctx)
	for err != nil && ctx.Err() == nil {
		k.faulty.Set(1)
		k.parts.Refuse(refused(k.parts.Path, err))
		k.parts.Log.Error("the changed definitions are not in force; the ones before go on", telemetry.KeyError, err)
		if !monitor.CodeOf(err).Retryable() {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
			err = k.redefine(ctx)
		}
	}
	k.faulty.Set(0)
	k.parts.Refuse(nil)
}

func (k *Keeper) redefine(ctx context.Context) error {
	wanted, err := k.parts.Read()
	if err != nil {
		return err
	}
	change, err := k.Define(ctx, wanted)
	if err != nil || len(change.PutEndpoints) == 0 {
		return err
	}
	wake := events.New(events.TypePing, events.Head{ID: rand.Text(), Source: "query"}, &events.Ping{})
	if err := k.parts.Emit(ctx, wake); err != nil && ctx.Err() == nil {
		k.parts.Log.Warn("new endpoints are first checked with the next tick", telemetry.KeyError, err)
	}
	return nil
}
