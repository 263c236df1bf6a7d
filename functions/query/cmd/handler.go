package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/api-endpoint-monitor/monitor/frontend"
	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

type settings struct {
	drivers.Settings
	host.Sharding
	Tail     string `envconfig:"MONITOR_TAIL" desc:"where query follows new results and incidents: the http:// stream of a broker, or kafka for its topic, which is the default where MONITOR_EVENTS is kafka"`
	File     string `envconfig:"MONITOR_FILE" desc:"what is watched: a file, or a folder of *.yaml"`
	Location string `envconfig:"MONITOR_LOCATION" default:"local" desc:"name of the place that checks are made from"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	return errors.Join(s.Settings.Check(), monitor.CheckShards(s.Shards), monitor.CheckLocation(s.Location))
}

func handler(env host.Env) (http.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	follow, err := env.Tail(s.Tail)
	if err != nil {
		return nil, err
	}
	gate, err := auth.Open(auth.Mode(env.Settings.Auth), env.Settings.Addr, s.Data)
	if err != nil {
		return nil, err
	}
	if gate.Fresh != "" {
		fmt.Fprintf(os.Stderr, "The administrator's token, shown only this once: %s\n", gate.Fresh)
	}
	store, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(store.Close)
	q := query.New(query.Parts{
		History: store, Tail: store, States: store, Incidents: store, Notices: store, Catalog: store,
		Ready: store.Ready, Follow: follow, Gate: gate, Dashboard: frontend.Files(),
		Locations: []string{s.Location}, Shards: s.Shards,
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	})
	if err := define(env, s.File, store, q); err != nil {
		return nil, err
	}
	env.Background(q.Run)
	env.Ready(q.Loaded) // not the store: a dashboard that answers from memory is of most use while it is away
	return q.Handler(), nil
}
