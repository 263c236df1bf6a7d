package main

import (
	"errors"

	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
	"github.com/api-endpoint-monitor/monitor/shared/slack"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
	"github.com/api-endpoint-monitor/monitor/shared/webhook"
)

type settings struct {
	drivers.Settings
	host.Sharding
	secret.Folder
	URL      string `envconfig:"MONITOR_URL" desc:"how people reach the dashboard, for links in notices; empty: no links, in the standalone monitor http://<MONITOR_ADDR>"`
	SlackAPI string `envconfig:"MONITOR_SLACK_API" default:"https://slack.com/api/" desc:"base URL of Slack's Web API"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	return errors.Join(s.Settings.Check(), s.Sharding.Check(), slack.CheckAPI(s.SlackAPI))
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	store, err := drivers.Open(env.Context(), s.Settings, env.Registry)
	if err != nil {
		return nil, err
	}
	env.Close(store.Close)
	env.Ready(store.Ready)
	secrets := s.Resolver()
	n := notify.New(notify.Parts{
		Notices: store, Catalog: store, Shards: s.Shards, Clock: env.Clock, Log: env.Log, Registry: env.Registry,
		Send: notify.ByKind(slack.New(s.SlackAPI, s.URL, secrets.Resolve).Send, webhook.New(secrets.Resolve).Send),
	})
	env.Background(n.Run)
	return n.Handler(), nil
}
