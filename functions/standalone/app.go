package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/api-endpoint-monitor/monitor/functions/alert"
	"github.com/api-endpoint-monitor/monitor/functions/notify"
	"github.com/api-endpoint-monitor/monitor/functions/probe"
	"github.com/api-endpoint-monitor/monitor/functions/probe/reference"
	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/functions/schedule"
	"github.com/api-endpoint-monitor/monitor/functions/store"
	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/config"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/secret"
	"github.com/api-endpoint-monitor/monitor/shared/serve"
	"github.com/api-endpoint-monitor/monitor/shared/storage/drivers"
)

// Parts are what comes to an App from outside.
type Parts struct {
	Settings   Settings
	Defined    config.Definition // what is watched at the start
	Files      config.Mark       // the content that it was read from
	Store      drivers.Store
	Gate       auth.Gate
	Secrets    secret.Resolver
	Look       probe.Look            // how endpoints are looked at
	OnLost     probe.OnLost          // whom it tells of lost connections; nil: nobody
	References *reference.References // whether the network works; nil: it does
	Send       notify.Send           // how notices are sent
	Clock      func() time.Time
	Log        *slog.Logger
	Registry   *prometheus.Registry
	Around     func(events.Handler) events.Handler // wraps the handler of each function; nil: none is
}

// App is the whole monitor.
type App struct {
	Parts
	run      string // names this run of the process
	broker   broker
	ready    []func(context.Context) error // what must be well beside the dashboard
	schedule *schedule.Schedule
	store    *store.Store
	alert    *alert.Alert
	notify   *notify.Notify
	query    *query.Query
	demo     atomic.Bool // some endpoint is a demo of this process
}

// New wires the functions by the manifests. Invalid: the manifests do not fit
// the settings, or those of Kafka cannot be.
func New(parts Parts) (*App, error) {
	parts.Store = newOneCatalog(parts.Store)
	a := &App{Parts: parts, run: fmt.Sprintf("%d", parts.Clock().UnixNano())}
	if err := a.connect(); err != nil {
		return nil, err
	}
	var err error
	for name, handler := range a.functions() {
		if a.Around != nil {
			handler = a.Around(handler)
		}
		err = errors.Join(err, a.broker.Subscribe(name, handler))
	}
	a.query = a.newQuery()
	a.ready = append(a.ready, a.query.Ready)
	return a, err
}

// Run runs the functions and answers on the listener until ctx ends. What
// brings work in stops first and finishes what is in hand; what it needs for
// that ends after it.
func (a *App) Run(ctx context.Context, listener net.Listener) error {
	if err := a.replay(ctx); err != nil {
		return err
	}
	a.demo.Store(a.Settings.demonstrates(a.Defined.Endpoints))
	keeper := a.keeper()
	change, err := keeper.Define(ctx, a.Defined)
	if err != nil {
		return err
	}
	a.Defined = config.Definition{} // the catalog has it
	held, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	behind, behindCtx := errgroup.WithContext(held)
	behind.Go(func() error { return a.store.Run(behindCtx) })
	behind.Go(func() error { return a.notify.Run(behindCtx) })
	behind.Go(func() error { return a.query.Run(behindCtx) })
	behind.Go(func() error { return drivers.Keep(behindCtx, a.Store, a.Clock, a.Log) })

	ctx, stop := context.WithCancel(ctx)
	defer context.AfterFunc(behindCtx, stop)()
	front, frontCtx := errgroup.WithContext(ctx)
	front.Go(func() error { return a.broker.Run(frontCtx) })
	front.Go(func() error { return keeper.Follow(frontCtx) })
	front.Go(func() error { a.watchSelf(frontCtx); return nil })
	front.Go(func() error { a.checkNow(frontCtx, a.rare(change.PutEndpoints)); return nil })
	front.Go(func() error { return a.server().Run(frontCtx, listener) })
	err = front.Wait()
	release()
	return errors.Join(err, behind.Wait(), a.broker.Close(ctx))
}

// replay decides on what was stored before the start. Where other processes
// share the work, the broker still has what is undecided.
func (a *App) replay(ctx context.Context) error {
	if a.Settings.shared() {
		return nil
	}
	if err := a.alert.Replay(ctx); err != nil {
		return fmt.Errorf("decide on what was stored before the start: %w", err)
	}
	return nil
}

func (a *App) server() serve.Server {
	mux := http.NewServeMux()
	mux.Handle("/demo/", a.serveDemo(a.query.Handler()))
	mux.Handle("/", a.query.Handler())
	return serve.Server{Handler: mux, Health: serve.NewHealth(a.ready...), Log: a.Log, Write: serve.AnswerWithin}
}
