package main

import (
	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
)

type settings struct {
	secret.Folder
	Concurrency int `envconfig:"MONITOR_PROBE_CONCURRENCY" default:"4096" desc:"checks that may run at once in one process"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	if s.Concurrency < 1 {
		return monitor.FieldErrorf("MONITOR_PROBE_CONCURRENCY", "must be at least 1, got %d", s.Concurrency)
	}
	return nil
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	eye, err := look.New(look.Options{})
	if err != nil {
		return nil, err
	}
	env.Close(func() error { eye.Close(); return nil })
	return probe.New(probe.Parts{
		Look: eye.Look, OnLost: eye.OnLost, Reveal: s.Resolver().Reveal, Concurrency: s.Concurrency,
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	}).Handler(), nil
}
