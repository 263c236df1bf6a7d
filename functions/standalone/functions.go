package standalone

import (
	"github.com/api-endpoint-monitor/monitor/frontend"
	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// functions builds the five functions that handle events, by their names in
// the manifests.
func (a *App) functions() map[string]events.Handler {
	s := a.Settings
	a.alert = alert.New(alert.Parts{
		Store: a.Store, Shards: s.Shards, Slot: s.Slot, Sole: !s.shared(), Held: s.shared(),
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	a.notify = notify.New(notify.Parts{
		Notices: a.Store, Catalog: a.Store, Shards: s.Shards,
		Send:  a.Send,
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	a.store = store.New(store.Parts{
		Records: a.Store, Shards: s.Shards, FoldAfter: s.Fold.FoldAfter, Slot: s.Slot,
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	a.schedule = schedule.New(schedule.Parts{
		Catalog: others{catalog: a.Store}, Claims: a.Store, States: a.Store, Locations: a.locations(), Run: a.mortal(), Plan: s.plan(),
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	probing := probe.New(probe.Parts{
		Look: a.References.Guard(a.Look), OnLost: a.OnLost, Reveal: a.Secrets.Reveal, Concurrency: s.Concurrency, PerHost: s.PerHost,
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
	return map[string]events.Handler{
		"schedule": a.schedule.Handler(),
		"probe":    probing.Handler(),
		"store":    a.store.Handler(),
		"alert":    a.alert.Handler(),
		"notify":   a.notify.Handler(),
	}
}

// mortal names this run where events live no longer than it.
func (a *App) mortal() string {
	if a.Settings.shared() {
		return ""
	}
	return a.run
}

func (a *App) locations() []string { return []string{a.Settings.Location} }

// newQuery builds the sixth, which answers HTTP.
func (a *App) newQuery() *query.Query {
	return query.New(query.Parts{
		History: a.Store, Tail: a.Store, States: a.Store, Incidents: a.Store, Notices: a.Store, Catalog: a.Store,
		Ready: a.Store.Ready, Follow: a.broker.Tail, Gate: a.Gate, Dashboard: frontend.Files(),
		Locations: a.locations(), Shards: a.Settings.Shards,
		Clock: a.Clock, Log: a.Log, Registry: a.Registry,
	})
}
