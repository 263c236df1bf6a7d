package host

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Env is what a function is built from.
type Env struct {
	Settings Settings
	Log      *slog.Logger
	Registry *prometheus.Registry
	Emit     events.Emit      // for background work; Unavailable where there is no broker
	Clock    func() time.Time // never goes back; see Clock

	ctx   context.Context
	work  *work
	kafka *kafka.Host // nil: events come over HTTP
}

// Context ends when the process is to stop.
func (e Env) Context() context.Context { return e.ctx }

// Load reads settings from the environment; see the function Load.
func (e Env) Load(settings any) error { return Load(settings) }

// Background runs work beside the function. Its context ends once the last
// event or request is finished, and the process waits for it to return. An error ends
// the process.
func (e Env) Background(run func(context.Context) error) {
	e.work.mu.Lock()
	defer e.work.mu.Unlock()
	e.work.background = append(e.work.background, run)
}

// Ready adds a check: while it returns an error the function is not ready.
func (e Env) Ready(check func(context.Context) error) {
	e.work.mu.Lock()
	defer e.work.mu.Unlock()
	e.work.checks = append(e.work.checks, check)
}

// Close adds what must be closed at the end, last first.
func (e Env) Close(closer func() error) {
	e.work.mu.Lock()
	defer e.work.mu.Unlock()
	e.work.closers = append(e.work.closers, closer)
}

// work is what a build has registered.
type work struct {
	mu         sync.Mutex
	background []func(context.Context) error
	checks     []func(context.Context) error
	closers    []func() error
}

// start begins the background work and returns how to end it: that waits for
// all of it and returns its errors. failed is called at the first one.
func (w *work) start(ctx context.Context, failed func()) (end func() error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	faults := make([]error, len(w.background))
	var running sync.WaitGroup
	for i, run := range w.background {
		running.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				faults[i] = err
				failed()
			}
		})
	}
	return func() error {
		cancel()
		running.Wait()
		return errors.Join(faults...)
	}
}

func (w *work) close() error {
	var faults []error
	for _, closer := range slices.Backward(w.closers) {
		faults = append(faults, closer())
	}
	return errors.Join(faults...)
}

// Clock returns a clock for one process that follows the machine's and never
// goes back; see monitor.Steady.
func Clock() func() time.Time {
	began := time.Now()
	return monitor.Steady(time.Now, func() time.Duration { return time.Since(began) })
}
