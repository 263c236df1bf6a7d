package main

import (
	"errors"

	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
)

type settings struct {
	secret.Folder
	Concurrency int      `envconfig:"MONITOR_PROBE_CONCURRENCY" default:"4096" desc:"checks that may run at once in one process"`
	References  []string `envconfig:"MONITOR_REFERENCES" desc:"addresses that the prober can reach while its network works, host:port or URLs, 8 at most, separated by commas: while none of them answers, results are unknown; empty: none"`
	PerHost     int      `envconfig:"MONITOR_PROBE_HOST_CONCURRENCY" default:"2048" desc:"checks that may run at once of one host or through one proxy, and connections that may be in the making to one IP address and port; 0: any number"`
}

// Check returns an Invalid error that names every value that cannot be.
func (s settings) Check() error {
	_, err := reference.Parse(s.References)
	faults := []error{err}
	if s.Concurrency < 1 {
		faults = append(faults, monitor.FieldErrorf("MONITOR_PROBE_CONCURRENCY", "must be at least 1, got %d", s.Concurrency))
	}
	if s.PerHost < 0 {
		faults = append(faults, monitor.FieldErrorf("MONITOR_PROBE_HOST_CONCURRENCY", "must be at least 0, got %d", s.PerHost))
	}
	return errors.Join(faults...)
}

func handler(env host.Env) (events.Handler, error) {
	var s settings
	if err := env.Load(&s); err != nil {
		return nil, err
	}
	targets, err := reference.Parse(s.References)
	if err != nil {
		return nil, err
	}
	eye, err := look.New(look.Options{Attempts: s.PerHost})
	if err != nil {
		return nil, err
	}
	env.Close(func() error { eye.Close(); return nil })
	references := reference.New(targets, eye.Reach, env.Clock, env.Registry)
	return probe.New(probe.Parts{
		Look: references.Guard(eye.Look), OnLost: eye.OnLost, Reveal: s.Resolver().Reveal, Concurrency: s.Concurrency, PerHost: s.PerHost,
		Clock: env.Clock, Log: env.Log, Registry: env.Registry,
	}).Handler(), nil
}
