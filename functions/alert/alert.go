// Package alert decides on the health of endpoints, keeps their incidents, and
// tells of them exactly once per step.
//
//	probe.results, shard.tick -> alert -> incident.changed
//
// What it promises, whatever the broker does with what it cannot deliver:
//
//   - A decision and what is to be told of it (the outbox) are saved by one
//     compare-and-swap, before the result is acknowledged.
//   - A change stays in the outbox until notify has kept a notice of it for each
//     channel that hears of it. Until then it is told again with every tick,
//     under the same ID; notify keeps it once. So a change outlives a notify that
//     is away for longer than the broker's patience, and one that came as a dead
//     letter. Of an endpoint the next change is told once the one before it is
//     kept.
//   - A notify that takes nothing holds up no decision: telling has tellWithin,
//     and the results are acknowledged.
//   - Where the host holds what alert is unavailable for (Parts.Held), results and
//     ticks that cannot be worked on because storage is away are not acknowledged,
//     and alert remembers nothing of them: whichever process has the shard by then
//     gets them again, before all that came behind them.
//   - Elsewhere such results are acknowledged too, and decided on later from what
//     store has kept: in their order, with the shard's next event, or at the start
//     of the process. The mark up to which store may drop results from its tail
//     does not pass them. The newest ones are remembered too: store may be slower
//     to keep them.
//
// What is left: a process that runs, but that the broker could not reach for
// longer than its patience, does not know what it missed. And results that store
// does not take either must be emitted again by whoever emitted them.
package alert

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// Store is what alert keeps and reads.
type Store interface {
	storage.States
	storage.Catalog
	Incidents
	Sightings
	Receipts
}

// Incidents is where incidents are kept.
type Incidents interface {
	PutIncident(ctx context.Context, incident monitor.Incident) error
}

// Sightings is what store knows of the results of a shard.
type Sightings interface {
	TailRows(ctx context.Context, shard int, after int64, limit int) ([]storage.TailRow, error)
	Latest(ctx context.Context, shard int) ([]monitor.Result, error)
}

// Receipts is what notify has kept of the changes that it was told.
type Receipts interface {
	NoticesOf(ctx context.Context, incident string) ([]monitor.Notice, error)
}

// Parts are what the function is made of. All but Sole and Held are needed.
type Parts struct {
	Store  Store
	Shards int           // of the installation
	Slot   time.Duration // of the installation
	// Sole says that no other process decides on this store: the states that
	// were read or saved last are then trusted, and not read for every event.
	Sole bool
	// Held says that the host hands over an event again for as long as alert is
	// unavailable for it, before any other one of its shard. Nothing is then put
	// off: another process may get the shard next.
	Held     bool
	Clock    func() time.Time
	Log      *slog.Logger
	Registry prometheus.Registerer
}

// Alert is the function. It is safe for concurrent use.
type Alert struct {
	parts   Parts
	catalog *catalog
	shards  []*shard
	metrics *metrics
	away    telemetry.Outage[int] // of the store, by shard: mostly it is one of them all
}

// New returns an Alert that has seen nothing yet.
func New(parts Parts) *Alert {
	a := &Alert{
		parts:   parts,
		catalog: newCatalog(parts),
		shards:  make([]*shard, parts.Shards),
	}
	for number := range a.shards {
		a.shards[number] = newShard(number)
	}
	a.metrics = newMetrics(parts.Registry)
	return a
}

// Handler returns the function's handler. Events must come in order per shard.
func (a *Alert) Handler() events.Handler {
	return events.Switch(map[string]events.Handler{
		events.TypeProbeResults: events.On(a.results),
		events.TypeShardTick:    events.On(a.tick),
	})
}

func (a *Alert) results(ctx context.Context, in *events.ProbeResults, emit events.Emit) error {
	s, err := a.enter(ctx, in.Shard)
	if err != nil {
		return err
	}
	defer s.leave()
	err = a.catchUp(ctx, s)
	if err == nil {
		err = a.decideRows(ctx, s, in.Rows)
	}
	if err != nil && a.parts.Held {
		return err
	}
	if err != nil {
		s.behind = true
		return a.putOff(s, in.Rows, err)
	}
	return a.later(s, a.drain(ctx, s, emit))
}

// later tells the broker that all is well where the store is away: what is to be
// done is known, and another try of this event would only hold up the others. A
// host that holds such events is told.
func (a *Alert) later(s *shard, err error) error {
	if err == nil {
		a.logWorks(s)
	}
	if a.parts.Held || monitor.CodeOf(err) != monitor.Unavailable {
		return err
	}
	if tell, others := a.away.Fail(s.number, a.parts.Clock()); tell {
		a.parts.Log.Warn("decisions are put off",
			telemetry.WithOthers(others, telemetry.KeyShard, s.number, telemetry.KeyError, err)...)
	}
	return nil
}

// logWorks tells that nothing is put off any more, if that is news.
func (a *Alert) logWorks(s *shard) {
	if over, others := a.away.Work(s.number, a.parts.Clock()); over {
		a.parts.Log.Info("decisions are put off no more", telemetry.WithOthers(others)...)
	}
}

func (a *Alert) decideRows(ctx context.Context, s *shard, rows []monitor.Result) error {
	if err := a.watch(ctx, s, rows); err != nil {
		return err
	}
	err := a.decide(ctx, s, func(d *draft) {
		for i := range rows {
			if w := s.watched[rows[i].Endpoint]; w != nil {
				d.result(&rows[i], w)
			}
		}
	})
	if err != nil {
		return err
	}
	for i := range rows {
		if w := s.watched[rows[i].Endpoint]; w != nil {
			w.saw(&rows[i])
		} else {
			a.metrics.ignored.Inc()
		}
	}
	return nil
}

// attempts is how often a decision is made anew when another process wrote first.
const attempts = 5

// decide makes a decision on the shard's state, and saves it if it matters.
func (a *Alert) decide(ctx context.Context, s *shard, step func(*draft)) error {
	for range attempts {
		if err := a.load(ctx, s); err != nil {
			return err
		}
		d := newDraft(&s.state, monitor.At(a.parts.Clock()))
		step(d)
		if !d.matters {
			d.remember()
			return nil
		}
		err := a.save(ctx, s, d.after())
		if err == nil {
			a.told(d)
			return nil
		}
		if monitor.CodeOf(err) != monitor.Conflict {
			return err
		}
	}
	return monitor.Errorf(monitor.Conflict, "others keep writing the states of shard %d: try again", s.number)
}

func (a *Alert) load(ctx context.Context, s *shard) error {
	if s.loaded && a.parts.Sole {
		return nil
	}
	state, err := a.parts.Store.ShardState(ctx, s.number)
	if err != nil {
		return monitor.Wrap(monitor.CodeOf(err), err, "load the states of shard %d", s.number)
	}
	if !s.loaded || state.Revision != s.state.Revision {
		state.Shard = s.number
		s.state, s.loaded = a.notAhead(state), true
	}
	return nil
}

// notAhead moves back the marks that lie in the future, as they do when the
// machine's clock was set back between two processes.
func (a *Alert) notAhead(state monitor.ShardState) monitor.ShardState {
	if _, ahead := state.NotAfter(a.ahead()); ahead == 0 {
		return state
	}
	state, moved := state.NotAfter(monitor.At(a.parts.Clock()).Add(-a.parts.Slot - markMargin))
	a.metrics.rewound.Add(float64(moved))
	a.parts.Log.Error("results were decided on that lie in the future; the clock was set back, or that of a probe is ahead",
		telemetry.KeyShard, state.Shard, telemetry.KeyChanged, moved)
	return state
}

// ahead is the time beyond which nothing can be due, however clocks differ.
func (a *Alert) ahead() monitor.Instant {
	return monitor.At(a.parts.Clock()).Add(a.parts.Slot + markMargin)
}

// save keeps the state. Whatever goes wrong, what is stored then is not known,
// and is read again.
func (a *Alert) save(ctx context.Context, s *shard, state monitor.ShardState) error {
	revision, err := a.parts.Store.SaveShardState(ctx, state)
	if err != nil {
		s.loaded = false
		if monitor.CodeOf(err) == monitor.Conflict {
			a.metrics.conflicts.Inc()
		}
		return monitor.Wrap(monitor.CodeOf(err), err, "save the states of shard %d", s.number)
	}
	state.Revision = revision
	s.state = state
	return nil
}

func (a *Alert) told(d *draft) {
	for _, t := range d.transitions {
		a.metrics.transitions.WithLabelValues(string(t.To)).Inc()
		a.parts.Log.Info("health changed", telemetry.KeyEndpoint, t.endpoint, telemetry.KeyFrom, t.From, telemetry.KeyTo, t.To, telemetry.KeyReason, t.Reason)
	}
}
