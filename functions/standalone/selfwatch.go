package standalone

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// The built-in endpoint, whose results say how the monitor itself is.
const (
	selfNamespace = "monitor"
	selfID        = "self"
	selfKey       = selfNamespace + "/" + selfID
)

// load reads the definitions and adds the monitor itself to them. Whoever is
// defined as a channel of its namespace is told.
func (s Settings) load(resolves config.Secrets) (config.Definition, error) {
	found, err := config.Load(s.File, resolves)
	if err != nil || !s.Self.Watch {
		return found, err
	}
	self := monitor.Endpoint{
		Namespace: selfNamespace, ID: selfID, Name: "The monitor itself",
		HTTP:     monitor.HTTP{URL: s.itself() + "/metrics", Method: "GET"},
		Interval: monitor.Duration(s.Slot), Timeout: monitor.Duration(5 * time.Second), Adaptive: monitor.Adaptive{FixedCadence: true},
		Alert: monitor.Alert{After: 2, Recover: 2},
	}
	for _, channel := range found.Channels {
		if channel.Namespace == selfNamespace {
			self.Alert.Channels = append(self.Alert.Channels, channel.Name)
		}
	}
	at, taken := slices.BinarySearchFunc(found.Endpoints, selfKey, func(e monitor.Endpoint, key string) int {
		return strings.Compare(e.Key(), key)
	})
	if taken {
		return found, monitor.Errorf(monitor.Invalid, "%s: the endpoint %s is the monitor itself: choose another id", s.File, selfKey)
	}
	found.Endpoints = slices.Insert(found.Endpoints, at, self)
	return found, nil
}

// others is the catalog without the monitor itself, which nobody probes.
type others struct{ catalog storage.Catalog }

// CatalogRevision returns the revision of the whole catalog.
func (o others) CatalogRevision(ctx context.Context) (int64, error) {
	return o.catalog.CatalogRevision(ctx)
}

// Catalog returns the endpoints that are to be probed.
func (o others) Catalog(ctx context.Context) (monitor.Catalog, error) {
	catalog, err := o.catalog.Catalog(ctx)
	catalog.Endpoints = withoutSelf(catalog.Endpoints)
	return catalog, err
}

// withoutSelf returns the endpoints without the monitor itself: where it comes
// last, without a copy of them.
func withoutSelf(endpoints []monitor.Endpoint) []monitor.Endpoint {
	at := slices.IndexFunc(endpoints, isSelf)
	switch last := len(endpoints) - 1; at {
	case -1:
		return endpoints
	case last:
		return slices.Clip(endpoints[:last])
	default:
		return slices.Concat(endpoints[:at], endpoints[at+1:])
	}
}

// setSelfLast moves the monitor itself behind the other endpoints.
func setSelfLast(endpoints []monitor.Endpoint) {
	if at, last := slices.IndexFunc(endpoints, isSelf), len(endpoints)-1; at >= 0 {
		endpoints[at], endpoints[last] = endpoints[last], endpoints[at]
	}
}

func isSelf(e monitor.Endpoint) bool { return e.Namespace == selfNamespace && e.ID == selfID }

// selfWatch judges the monitor once a slot and reports that as a result of the
// built-in endpoint, which then goes the way of all results.
type selfWatch struct {
	app      *App
	started  monitor.Instant
	figures  []figures
	problems prometheus.Gauge
	said     string       // the problems that were logged last
	well     atomic.Int64 // due time of the last result that passed and that store and alert have acknowledged, or Kafka for them
}

// watchSelf judges the monitor, and tells the outside while it is well, until
// ctx ends.
func (a *App) watchSelf(ctx context.Context) {
	if !a.Settings.Self.Watch {
		return
	}
	w := newSelfWatch(a)
	var both sync.WaitGroup
	both.Go(func() { w.run(ctx) })
	both.Go(func() { newDeadman(a, w.healthy).run(ctx) })
	both.Wait()
}

func newSelfWatch(a *App) *selfWatch {
	return &selfWatch{
		app: a, started: monitor.At(a.Clock()),
		problems: promauto.With(a.Registry).NewGauge(prometheus.GaugeOpts{
			Name: "monitor_self_problems", Help: "What is wrong with the monitor itself: how many things.",
		}),
	}
}

// run judges at the start of each slot until ctx ends.
func (w *selfWatch) run(ctx context.Context) {
	slot := w.app.Settings.Slot
	for {
		now := monitor.At(w.app.Clock())
		select {
		case <-ctx.Done():
			return
		case <-time.After(now.Floor(slot).Add(slot).Sub(now)):
			w.look(ctx)
		}
	}
}

func (w *selfWatch) look(ctx context.Context) {
	begun := w.app.Clock()
	ctx, cancel := context.WithTimeout(ctx, w.app.Settings.Slot)
	defer cancel()
	problems := w.judge(ctx, monitor.At(begun))
	w.problems.Set(float64(len(problems)))
	row := monitor.Result{
		Endpoint: selfKey, Location: w.app.Settings.Location, Kind: monitor.Scheduled, Outcome: monitor.Passed,
		Due: monitor.At(begun).Floor(w.app.Settings.Slot), Start: monitor.At(begun),
		Micros: w.app.Clock().Sub(begun).Microseconds(), Reason: strings.Join(problems, "; "),
	}
	if len(problems) > 0 {
		row.Outcome, row.Fault = monitor.Failed, monitor.FaultExpectation
	} else {
		w.giveWay(ctx)
	}
	err := w.app.broker.Emit(ctx, w.event(row)) // a row that is not taken is given up: the next slot's says what is so then
	if err == nil && len(problems) == 0 {
		w.well.Store(int64(row.Due))
	}
	w.say(row.Reason)
}

// giveWay lets those speak first that are not well, where other processes share
// the work: they all speak of the same check, and what is said first counts.
func (w *selfWatch) giveWay(ctx context.Context) {
	if !w.app.Settings.shared() {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(w.app.Settings.Slot / 4):
	}
}

// judge returns what is wrong now. How the start went is not held against the
// slots that follow: the checks of a time when the monitor was off are counted
// as skipped by then.
func (w *selfWatch) judge(ctx context.Context, now monitor.Instant) []string {
	slot := w.app.Settings.Slot
	if now.Sub(w.started) < 2*slot {
		return nil
	}
	seen, err := readFigures(w.app.Registry)
	if err != nil {
		return []string{"the metrics cannot be read: " + err.Error()}
	}
	shared := w.app.Settings.shared()
	if shared {
		seen.slots, err = w.lastSlot(ctx, now)
	}
	w.figures = append(w.figures, seen)
	w.figures = w.figures[max(len(w.figures)-judged-1, 0):]
	oldest, unread := w.oldestNotice(ctx, now)
	problems := health{slot: slot, shared: shared, figures: w.figures, waiting: now.Sub(oldest)}.problems()
	if errors.Join(err, unread) != nil {
		problems = append(problems, "the store does not answer")
	}
	if blind := w.app.References.Problem(ctx); blind != "" {
		problems = append([]string{blind}, problems...)
	}
	return problems
}

// lastSlot returns the number of the newest slot that some process has planned,
// or of the one before that was known, if there is none.
func (w *selfWatch) lastSlot(ctx context.Context, now monitor.Instant) (float64, error) {
	newest := 0.0
	if len(w.figures) > 0 {
		newest = w.figures[len(w.figures)-1].slots
	}
	slot := w.app.Settings.Slot
	claims, err := w.app.Store.Claims(ctx, now.Add(-judged*slot), now.Add(2*slot))
	for _, claim := range claims {
		if claim.Sent && claim.Skipped == "" {
			newest = max(newest, float64(claim.Slot.Sub(0)/slot))
		}
	}
	return newest, err
}

// oldestNotice returns since when the oldest pending notice waits; now, if none
// does. Those that tell of the monitor itself do not count: they would keep
// alive what they tell.
func (w *selfWatch) oldestNotice(ctx context.Context, now monitor.Instant) (monitor.Instant, error) {
	oldest := now
	for shard := range w.app.Settings.Shards {
		pending, err := w.app.Store.PendingNotices(ctx, shard)
		if err != nil {
			return now, err
		}
		for i := range pending {
			if pending[i].Change.Incident.Endpoint != selfKey {
				oldest = min(oldest, pending[i].Created)
			}
		}
	}
	return oldest, nil
}

func (w *selfWatch) event(row monitor.Result) events.Event {
	shard := monitor.ShardOf(selfKey, w.app.Settings.Shards)
	key := strconv.Itoa(shard)
	id := strconv.FormatInt(int64(row.Due), 10) + "-" + key + "-" + row.Location + "-self-" + w.app.run
	return events.New(events.TypeProbeResults, events.Head{ID: id, Source: "standalone", Key: key},
		&events.ProbeResults{Shard: shard, Location: row.Location, Rows: []monitor.Result{row}})
}

// say logs when something is wrong and when no more is, once each. Which
// numbers a reason names changes all the time and is no news.
func (w *selfWatch) say(reason string) {
	switch {
	case reason != "" && w.said == "":
		w.app.Log.Error("the monitor itself is not well", telemetry.KeyReason, reason)
	case reason == "" && w.said != "":
		w.app.Log.Info("the monitor itself is well again")
	}
	w.said = reason
}

// healthy tells whether one of the last two slots ended with all well, in the
// store and in the eyes of alert and of the dashboard.
func (w *selfWatch) healthy() bool {
	last := monitor.Instant(w.well.Load())
	return last != 0 && monitor.At(w.app.Clock()).Sub(last) <= 2*w.app.Settings.Slot
}
