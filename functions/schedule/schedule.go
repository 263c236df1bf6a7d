package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Parts are what the function is made of. All but Run are needed.
type Parts struct {
	Catalog   storage.Catalog
	Claims    storage.Claims
	States    States
	Plan      monitor.Plan
	Locations []string // where every endpoint is checked from
	Run       string   // names the process run where events live no longer than it; "": they do
	Clock     func() time.Time
	Log       *slog.Logger
	Registry  prometheus.Registerer
}

// lookBack is how far back slots that went by unplanned are looked for.
const lookBack = time.Hour

// Schedule is the function. It is safe for concurrent use.
type Schedule struct {
	parts   Parts
	started monitor.Instant
	metrics *metrics
	blind   atomic.Bool  // what is down could not be read the last time
	failed  atomic.Int64 // calls that had nothing available since the last one that went well

	mu      sync.Mutex
	roster  *roster            // of the catalog's last revision that was read
	fresh   []monitor.Endpoint // new or changed, and not yet checked for that
	settled monitor.Instant    // every slot before it is planned or recorded as skipped
	owed    monitor.Instant    // the minute whose shard ticks are to be emitted; 0: none
}

// New returns a Schedule that has planned nothing yet.
func New(parts Parts) *Schedule {
	return &Schedule{parts: parts, started: monitor.At(parts.Clock()), metrics: newMetrics(parts.Registry)}
}

// Handler returns the function's handler. It needs no data of its event: every
// tick asks for the same. An error means that a slot could not be handed out
// whole; the next tick carries on. So while nothing is available a tick is not
// tried over and over, and is no dead letter.
func (s *Schedule) Handler() events.Handler {
	return func(ctx context.Context, _ events.Event, emit events.Emit) error {
		return s.patient(ctx, s.tick(ctx, emit))
	}
}

// patience is how many calls in a row fail before ticks count as done that could do
// nothing: fewer than a Trigger tries.
const patience = 3

// patient gives back the error, unless what it wants has not been available for long.
// The log hears when that begins and when it ends.
func (s *Schedule) patient(ctx context.Context, err error) error {
	switch {
	case err == nil:
		if s.failed.Swap(0) > patience {
			s.parts.Log.Info("slots can be planned again")
		}
		return nil
	case monitor.CodeOf(err) != monitor.Unavailable, errors.Is(ctx.Err(), context.Canceled):
		return err
	}
	switch failed := s.failed.Add(1); {
	case failed <= patience:
		return err
	case failed == patience+1:
		s.parts.Log.Error("slots cannot be planned; each tick tries again", telemetry.KeyError, err)
	}
	return nil
}

func (s *Schedule) now() monitor.Instant { return monitor.At(s.parts.Clock()) }

// tick does what is to be done at the time of its call.
func (s *Schedule) tick(ctx context.Context, emit events.Emit) error {
	now := s.now()
	current := now.Floor(s.parts.Plan.Slot)
	next := current.Add(s.parts.Plan.Slot)
	roster, err := s.refresh(ctx)
	if err != nil {
		return err
	}
	if err := s.checkFresh(ctx, emit); err != nil {
		return err
	}
	past, err := s.past(ctx, current, next)
	if err != nil {
		return err
	}
	for _, slot := range []monitor.Instant{current, next} {
		planned, err := s.plan(ctx, roster, past, slot, emit)
		if err != nil {
			return err
		}
		if planned {
			s.owe(past, now, next)
		}
	}
	if err := s.tickShards(ctx, emit); err != nil {
		return err
	}
	return s.settle(ctx, roster, past, current)
}

// refresh returns the roster of the catalog as it is now.
func (s *Schedule) refresh(ctx context.Context) (*roster, error) {
	revision, err := s.parts.Catalog.CatalogRevision(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := s.roster
	s.mu.Unlock()
	if known != nil && known.revision == revision {
		return known, nil
	}
	catalog, err := s.parts.Catalog.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	fresh, faults := newRoster(catalog, s.parts.Plan)
	for _, fault := range faults {
		s.parts.Log.Warn("endpoint is not checked", telemetry.KeyEndpoint, fault.key, telemetry.KeyError, fault.err)
	}
	s.metrics.endpoints.Set(float64(len(fresh.members)))
	s.metrics.invalid.Set(float64(len(faults)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roster != nil {
		s.fresh = append(s.fresh, catalog.Since(s.roster.revision)...)
	}
	s.roster = fresh
	return fresh, nil
}
